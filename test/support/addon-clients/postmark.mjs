import postmark from 'postmark'
import {drive, vars} from './mail.mjs'

const client = token => new postmark.ServerClient(token, {useHttps: false, requestHost: new URL(vars.API_URL).host})
await drive({
  // As Heroku's documentation has it.
  smtp: {host: vars.SMTP_SERVER, port: 25, auth: {user: vars.API_TOKEN, pass: vars.API_TOKEN}, options: {authMethod: 'CRAM-MD5'}},
  async send({attachment, ...mail}) {
    const {MessageID, ErrorCode, Message} = await client(vars.API_KEY).sendEmail({
      From: mail.from,
      To: mail.to,
      Cc: mail.cc,
      Bcc: mail.bcc,
      Subject: mail.subject,
      TextBody: mail.text,
      HtmlBody: mail.html,
      Attachments: [
        {Name: attachment.filename, Content: attachment.content.toString('base64'), ContentType: attachment.contentType, ContentID: null},
      ],
    })
    if (!MessageID || ErrorCode !== 0 || Message !== 'OK') throw new Error(`failure: ${ErrorCode} ${Message}`)
  },
  refused: () =>
    client('wrong')
      .sendEmail({From: 'a@b.c', To: 'd@e.f', TextBody: 'x'})
      .then(
        () => 'let in',
        error => error.statusCode,
      ),
})
