import FormData from 'form-data'
import Mailgun from 'mailgun.js'
import {drive, vars} from './mail.mjs'

const client = key => new Mailgun(FormData).client({username: 'api', key, url: vars.API_URL})
await drive({
  smtp: {host: vars.SMTP_SERVER, port: vars.SMTP_PORT, auth: {user: vars.SMTP_LOGIN, pass: vars.SMTP_PASSWORD}},
  async send({attachment, ...mail}) {
    const file = {data: attachment.content, filename: attachment.filename}
    const {id, message} = await client(vars.API_KEY).messages.create(vars.DOMAIN, {...mail, attachment: file})
    if (!id.endsWith(`@${vars.DOMAIN}>`) || message !== 'Queued. Thank you.') throw new Error(`failure: ${id} ${message}`)
  },
  refused: () =>
    client('key-wrong')
      .messages.create(vars.DOMAIN, {from: 'a@b.c', to: 'd@e.f', subject: 'x', text: 'x'})
      .then(
        () => 'let in',
        error => error.status,
      ),
})
