import sendgrid from '@sendgrid/mail'
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
  refused: () =>
    client('SG.wrong')
      .send({from: 'a@b.c', to: 'd@e.f', subject: 'x', text: 'x'})
      .then(
        () => 'let in',
        error => error.code,
      ),
})
