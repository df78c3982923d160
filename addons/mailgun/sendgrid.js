import {randomUUID} from 'node:crypto'
import {same} from './settings.js'

/** SendGrid's `POST /v3/mail/send`. */
export async function sendgrid(app, {apiKey, deliver}) {
  const refuse = (reply, code, message, field = null) => reply.code(code).send({errors: [{message, field, help: null}]})
  app.addHook('onRequest', async ({headers}, reply) => {
    const given = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
    if (!same(given, apiKey)) await refuse(reply, 401, 'The provided authorization grant is invalid, expired, or revoked')
  })
  app.setErrorHandler((error, _request, reply) => refuse(reply, error.statusCode ?? 400, error.message))

  app.post('/v3/mail/send', async ({body: mail}, reply) => {
    const fault = faultOf(mail ?? {})
    if (fault !== undefined) return refuse(reply, 400, ...fault)
    const id = randomUUID()
    // Checked, and not sent: SendGrid's sandbox mode.
    if (mail.mail_settings?.sandbox_mode?.enable === true) return reply.code(200).send()
    for (const one of mail.personalizations) await deliver(mailOf(mail, one))
    return reply.code(202).header('x-message-id', id).send()
  })
}

function faultOf({personalizations, from, subject, content, template_id: template}) {
  if (!Array.isArray(personalizations) || personalizations.length === 0)
    return ['The personalizations field is required and must have at least one personalization.', 'personalizations']
  if (typeof from?.email !== 'string') return ['The from object must be provided for every email send.', 'from.email']
  for (const [index, one] of personalizations.entries()) {
    if (!Array.isArray(one.to) || one.to.length === 0)
      return [
        'The to array is required for all personalization objects, and must have at least one email object.',
        `personalizations.${index}.to`,
      ]
    if (!(one.subject ?? subject) && template === undefined)
      return ['The subject is required. You can get around this requirement if you use a template with a subject defined.', 'subject']
  }
  if (!Array.isArray(content) && template === undefined)
    return ['Unless a valid template_id is provided, the content parameter is required.', 'content']
  return undefined
}

function mailOf(mail, one) {
  const filled = text =>
    Object.entries(one.substitutions ?? {}).reduce((filling, [word, value]) => filling?.replaceAll(word, () => value), text)
  const content = type => filled(mail.content?.find(part => part.type === type)?.value)
  const template =
    mail.template_id && `template: ${mail.template_id}\n${JSON.stringify(one.dynamic_template_data ?? one.substitutions ?? {}, null, 2)}`
  const replyTo = mail.reply_to_list ?? (mail.reply_to ? [mail.reply_to] : [])
  return {
    from: address(one.from ?? mail.from),
    to: one.to.map(address),
    cc: one.cc?.map(address),
    bcc: one.bcc?.map(address),
    replyTo: replyTo.map(address),
    subject: filled(one.subject ?? mail.subject),
    text: content('text/plain') ?? template,
    html: content('text/html'),
    amp: content('text/x-amp-html'),
    headers: {...mail.headers, ...one.headers},
    attachments: mail.attachments?.map(file => ({
      filename: file.filename,
      content: file.content,
      encoding: 'base64',
      contentType: file.type,
      contentDisposition: file.disposition,
      cid: file.content_id,
    })),
  }
}

function address({email, name}) {
  return {name: name ?? '', address: email}
}
