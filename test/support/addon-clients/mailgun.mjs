import FormData from 'form-data'
import Mailgun from 'mailgun.js'
import nodemailer from 'nodemailer'
import {drive, vars} from './mail.mjs'

const client = key => new Mailgun(FormData).client({username: 'api', key, url: vars.API_URL})
await drive({
  smtp: {host: vars.SMTP_SERVER, port: vars.SMTP_PORT, auth: {user: vars.SMTP_LOGIN, pass: vars.SMTP_PASSWORD}},
  async send({attachment, ...mail}) {
    const file = {data: attachment.content, filename: attachment.filename}
    const {id, message} = await client(vars.API_KEY).messages.create(vars.DOMAIN, {...mail, attachment: file})
    if (!id.endsWith(`@${vars.DOMAIN}>`) || message !== 'Queued. Thank you.') throw new Error(`failure: ${id} ${message}`)
  },
  async more() {
    const {messages} = client(vars.API_KEY)
    const [from, text] = ['shop@example.com', 'x']
    const variables = {'a@example.com': {name: 'Ada', n: 1}, 'b@example.com': {name: 'Bob', n: 2}}
    const to = Object.keys(variables)
    const batch = {from, to, subject: 'Hi %recipient.name%', text: 'no. %recipient.n%', 'h:X-Shop': 'one'}
    await messages.create(vars.DOMAIN, {...batch, 'recipient-variables': JSON.stringify(variables)})
    const composer = nodemailer.createTransport({streamTransport: true, buffer: true})
    const {message} = await composer.sendMail({from, to: 'mime@example.com', subject: 'MIME', text})
    await messages.create(vars.DOMAIN, {to: 'mime@example.com', message})
    await messages.create(vars.DOMAIN, {from, to: 't@example.com', subject: 'T', template: 'welcome', 't:variables': '{"a":1}'})
    await messages.create(vars.DOMAIN, {from, to: 'nobody@example.com', subject: 'tested', text, 'o:testmode': 'yes'})
    const told = wanted =>
      wanted.then(
        () => 'taken',
        ({status, details}) => [status, details],
      )
    const body = new URLSearchParams({from, to: 'form@example.com', subject: 'F', text})
    const headers = {authorization: `Basic ${Buffer.from(`api:${vars.API_KEY}`).toString('base64')}`}
    return [
      (await fetch(`${vars.API_URL}/v3/${vars.DOMAIN}/messages`, {method: 'POST', headers, body})).status,
      await told(messages.create(vars.DOMAIN, {from, subject: 'no one', text})),
      await told(messages.create(vars.DOMAIN, {from, to, subject: 'nothing'})),
      await told(messages.create('other.example', {from, to, subject: 's', text})),
      (await told(client(vars.API_KEY).events.get(vars.DOMAIN)))[0],
    ]
  },
  refused: () =>
    client('key-wrong')
      .messages.create(vars.DOMAIN, {from: 'a@b.c', to: 'd@e.f', subject: 'x', text: 'x'})
      .then(
        () => 'let in',
        error => error.status,
      ),
})
