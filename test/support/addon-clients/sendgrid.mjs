import sendgrid from '@sendgrid/mail'
import nodemailer from 'nodemailer'
import {drive, vars} from './mail.mjs'

const client = key => {
  sendgrid.setApiKey(key)
  sendgrid.client.setDefaultRequest('baseUrl', vars.API_URL)
  return sendgrid
}
await drive({
  smtp: {host: vars.SMTP_SERVER, port: vars.SMTP_PORT, auth: {user: vars.USERNAME, pass: vars.PASSWORD}},
  async send({attachment, ...mail}) {
    const file = {content: attachment.content.toString('base64'), filename: attachment.filename, type: attachment.contentType}
    const [response] = await client(vars.API_KEY).send({...mail, attachments: [file]})
    if (response.statusCode !== 202 || !response.headers['x-message-id']) throw new Error(`failure: ${response.statusCode}`)
  },
  async more() {
    const [from, text] = ['shop@example.com', 'x']
    const send = mail => client(vars.API_KEY).send({from, ...mail})
    const personalizations = ['Ada', 'Bob'].map(name => ({to: `${name}@example.com`.toLowerCase(), substitutions: {name, price: '$$5'}}))
    await send({personalizations, subject: 'Hi {{name}}', text: 'for {{name}}: {{price}}', headers: {'X-Shop': 'one'}})
    await send({to: 't@example.com', templateId: 'd-1', dynamicTemplateData: {a: 1}})
    const [sandbox] = await send({to: 'nobody@example.com', subject: 's', text, mailSettings: {sandboxMode: {enable: true}}})
    const smtp = nodemailer.createTransport({
      host: vars.SMTP_SERVER,
      port: Number(vars.SMTP_PORT),
      auth: {user: 'apikey', pass: vars.API_KEY},
    })
    await smtp.sendMail({from, to: 'key@example.com', subject: 'K', text})
    const told = wanted =>
      wanted.then(
        () => 'taken',
        error => [error.code, error.response?.body?.errors?.[0].field],
      )
    return [
      sandbox.statusCode,
      await told(send({to: 'a@example.com', text})),
      (await told(client(vars.API_KEY).client.request({method: 'GET', url: '/v3/stats'})))[0],
    ]
  },
  refused: () =>
    client('SG.wrong')
      .send({from: 'a@b.c', to: 'd@e.f', subject: 'x', text: 'x'})
      .then(
        () => 'let in',
        error => error.code,
      ),
})
