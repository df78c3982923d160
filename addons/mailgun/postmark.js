import {randomUUID} from 'node:crypto'
import {same} from './settings.js'

/** Postmark's `POST /email`, `/email/batch`, `/email/withTemplate` and `/email/batchWithTemplates`. */
export async function postmark(app, {apiKey, deliver}) {
  const refuse = (reply, code, ErrorCode, Message) => reply.code(code).send({ErrorCode, Message})
  app.addHook('onRequest', async ({headers}, reply) => {
    if (!same(headers['x-postmark-server-token'] ?? '', apiKey))
      await refuse(reply, 401, 10, 'The Server Token you provided in the X-Postmark-Server-Token request header was invalid.')
  })
  app.setErrorHandler((error, _request, reply) => refuse(reply, error.statusCode ?? 422, 402, error.message))
  const single = async ({body}, reply) => {
    const answer = await take(body ?? {}, deliver)
    return reply.code(answer.ErrorCode === 0 ? 200 : 422).send(answer)
  }
  // One that is refused stops none of the others.
  const batch = async mails => await Promise.all(mails.map(mail => take(mail, deliver)))
  app.post('/email', single)
  app.post('/email/withTemplate', single)
  app.post('/email/batch', async ({body}) => await batch(body))
  app.post('/email/batchWithTemplates', async ({body}) => await batch(body.Messages))
}

async function take(mail, deliver) {
  const {From, To, Cc, Bcc, HtmlBody, TextBody, TemplateId, TemplateAlias} = mail
  if (!From) return {ErrorCode: 300, Message: "Invalid 'From' value."}
  if (![To, Cc, Bcc].some(Boolean)) return {ErrorCode: 300, Message: 'Zero recipients specified'}
  const template = TemplateId ?? TemplateAlias
  if (!HtmlBody && !TextBody && template === undefined)
    return {ErrorCode: 300, Message: 'Provide either email TextBody or HtmlBody or both.'}
  const MessageID = randomUUID()
  try {
    await deliver(mailOf(mail, template, MessageID))
  } catch (error) {
    return {ErrorCode: 300, Message: error.message}
  }
  return {
    ...(To && {To}),
    ...(Cc && {Cc}),
    ...(Bcc && {Bcc}),
    SubmittedAt: new Date().toISOString(),
    MessageID,
    ErrorCode: 0,
    Message: 'OK',
  }
}

function mailOf(mail, template, id) {
  return {
    messageId: `<${id}@mtasv.net>`,
    from: mail.From,
    to: mail.To,
    cc: mail.Cc,
    bcc: mail.Bcc,
    replyTo: mail.ReplyTo,
    subject: mail.Subject ?? (template === undefined ? undefined : `template: ${template}`),
    text:
      mail.TextBody ?? (template === undefined ? undefined : `template: ${template}\n${JSON.stringify(mail.TemplateModel ?? {}, null, 2)}`),
    html: mail.HtmlBody,
    headers: {
      ...Object.fromEntries((mail.Headers ?? []).map(({Name, Value}) => [Name, Value])),
      ...(mail.Tag && {'X-PM-Tag': mail.Tag}),
      ...(mail.MessageStream && {'X-PM-Message-Stream': mail.MessageStream}),
    },
    attachments: mail.Attachments?.map(file => ({
      filename: file.Name,
      content: file.Content,
      encoding: 'base64',
      contentType: file.ContentType,
      cid: file.ContentID?.replace(/^cid:/, ''),
    })),
  }
}
