import {randomUUID} from 'node:crypto'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import {same} from './settings.js'

/** Mailgun's `POST /v3/DOMAIN/messages` and `messages.mime`. */
export async function mailgun(app, {apiKey, domain, largest, deliver}) {
  await app.register(formbody, {bodyLimit: largest})
  await app.register(multipart, {attachFieldsToBody: true, limits: {fileSize: largest, fieldSize: largest, fields: 2000, files: 100}})
  app.addHook('onRequest', async (request, reply) => {
    const [user, ...password] = Buffer.from(/^Basic (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '', 'base64')
      .toString('utf8')
      .split(':')
    if (user !== 'api' || !same(password.join(':'), apiKey)) await reply.code(401).type('text/plain').send('Forbidden')
  })
  app.addHook('preHandler', async ({params}, reply) => {
    if (params.domain !== domain) await reply.code(404).send({message: `Domain not found: ${params.domain}`})
  })
  app.setErrorHandler((error, _request, reply) => reply.code(error.statusCode ?? 400).send({message: error.message}))
  const queued = id => ({id, message: 'Queued. Thank you.'})

  app.post('/v3/:domain/messages', async ({body}, reply) => {
    const form = await formOf(body)
    const missing = ['from', 'to', 'subject'].find(name => form.text(name) === undefined)
    if (missing !== undefined) return reply.code(400).send({message: `${missing} parameter is missing`})
    if (['text', 'html', 'amp-html', 'template'].every(name => form.text(name) === undefined))
      return reply.code(400).send({message: "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"})
    const id = `<${randomUUID()}@${domain}>`
    // Mailgun takes such a message and sends nothing.
    if (/^(yes|true)$/i.test(form.text('o:testmode') ?? '')) return queued(id)
    for (const mail of addressed(mailOf(form, id), form)) await deliver(mail)
    return queued(id)
  })

  app.post('/v3/:domain/messages.mime', async ({body}, reply) => {
    const form = await formOf(body)
    const [message] = form.files('message')
    const raw = message?.content ?? form.text('message')
    if (form.text('to') === undefined) return reply.code(400).send({message: 'to parameter is missing'})
    if (raw === undefined) return reply.code(400).send({message: 'message parameter is missing'})
    await deliver({envelope: {from: `postmaster@${domain}`, to: form.list('to').flatMap(line => line.split(','))}, raw})
    return queued(`<${randomUUID()}@${domain}>`)
  })
}

/** The fields of a form, whichever way they were encoded. */
async function formOf(body = {}) {
  const texts = new Map()
  const files = new Map()
  const put = (map, name, value) => map.set(name, [...(map.get(name) ?? []), value])
  for (const [name, given] of Object.entries(body))
    for (const one of Array.isArray(given) ? given : [given])
      if (typeof one === 'string') put(texts, name, one)
      else if (one.type === 'field') put(texts, name, one.value)
      else put(files, name, {filename: one.filename, contentType: one.mimetype, content: await one.toBuffer()})
  const list = name => texts.get(name) ?? []
  return {list, text: name => list(name)[0], names: () => [...texts.keys()], files: name => files.get(name) ?? []}
}

function mailOf(form, messageId) {
  const own = form.names().filter(name => name.startsWith('h:'))
  const list = name => form.list(name).join(', ')
  const template = form.text('template')
  const variables = form.text('t:variables') ?? form.text('h:X-Mailgun-Variables') ?? '{}'
  return {
    messageId,
    from: form.text('from'),
    to: list('to'),
    cc: list('cc'),
    bcc: list('bcc'),
    subject: form.text('subject'),
    text: form.text('text') ?? (template === undefined ? undefined : `template: ${template}\n${variables}`),
    html: form.text('html'),
    amp: form.text('amp-html'),
    headers: Object.fromEntries(own.map(name => [name.slice(2), form.text(name)])),
    attachments: [...form.files('attachment'), ...form.files('inline').map(file => ({...file, cid: file.filename}))],
  }
}

/** A mail for each recipient, with what `recipient-variables` has for it, as batches are sent; the mail itself without them. */
function addressed(mail, form) {
  const given = form.text('recipient-variables')
  if (given === undefined) return [mail]
  const filled = (text, variables) =>
    text?.replace(/%recipient(?:\.([\w-]+))?%/g, (whole, name) => (name === undefined ? whole : String(variables[name] ?? '')))
  return Object.entries(JSON.parse(given)).map(([address, variables]) => ({
    ...mail,
    to: address,
    subject: filled(mail.subject, variables),
    text: filled(mail.text, variables),
    html: filled(mail.html, variables),
  }))
}
