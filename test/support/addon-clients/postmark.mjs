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
  async more() {
    const one = client(vars.API_TOKEN)
    const [From, TextBody] = ['shop@example.com', 'x']
    const Headers = [{Name: 'X-Shop', Value: 'one'}]
    const batch = await one.sendEmailBatch([
      {From, To: 'a@example.com', Subject: 'A', TextBody, Headers},
      {From, Subject: 'no one', TextBody},
      {From, To: 'b@example.com', Subject: 'B', TextBody},
    ])
    await one.sendEmailWithTemplate({From, To: 't@example.com', TemplateAlias: 'welcome', TemplateModel: {a: 1}})
    const told = wanted =>
      wanted.then(
        () => 'taken',
        error => [error.statusCode, error.code],
      )
    return [
      batch.map(({ErrorCode}) => ErrorCode),
      await told(one.sendEmail({From, To: 'empty@example.com', Subject: 'E'})),
      // Whoever composes mails of what it is given must not read files for it.
      await told(one.sendEmail({From, To: 'file@example.com', Subject: 'E', HtmlBody: {path: '/etc/passwd'}})),
      await told(one.getServer()),
    ]
  },
  refused: () =>
    client('wrong')
      .sendEmail({From: 'a@b.c', To: 'd@e.f', TextBody: 'x'})
      .then(
        () => 'let in',
        error => error.statusCode,
      ),
})
