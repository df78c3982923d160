import {createServer} from 'node:http'
import Fastify from 'fastify'
import {mailgun} from './mailgun.js'
import {postmark} from './postmark.js'
import {sendgrid} from './sendgrid.js'
import {same} from './settings.js'

/** One HTTP server: the service's send calls, and the page for people who say who they are. */
export async function httpServer(settings, page, deliver) {
  const calls = Fastify({bodyLimit: 2 * settings.largest})
  await calls.register({mailgun, sendgrid, postmark}[settings.service], {...settings, deliver})
  await calls.ready()
  return createServer((request, response) => {
    if (isCall(request)) return calls.routing(request, response)
    const refusal = refusalOf(request, settings.users)
    // A mail and what is attached to it are no pages of ours: nothing in them runs, or reads other mails.
    if (request.url.startsWith('/api/'))
      response.setHeader('Content-Security-Policy', 'sandbox').setHeader('X-Content-Type-Options', 'nosniff')
    if (refusal === undefined) return page.emit('request', request, response)
    response.writeHead(refusal, refusal === 401 ? {'WWW-Authenticate': 'Basic realm="mails"'} : {}).end()
  }).on('upgrade', (request, socket, head) => {
    if (refusalOf(request, settings.users) === undefined) page.emit('upgrade', request, socket, head)
    // Whoever is gone before that is nobody's fault: without this it would end the server.
    else socket.on('error', () => undefined).end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
}

/** The page's own are below /api and /socket.io. */
function isCall({method, url, headers}) {
  return (
    /^\/v3\//.test(url) || headers['x-postmark-server-token'] !== undefined || (method === 'POST' && !/^\/(api|socket\.io)\//.test(url))
  )
}

function refusalOf({headers}, users) {
  // Another site in a browser that knows the password.
  if (headers.origin !== undefined && URL.parse(headers.origin)?.host !== headers.host) return 403
  const given = Buffer.from(/^Basic (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '', 'base64').toString('utf8')
  const [user, ...password] = given.split(':')
  return users.has(user) && same(password.join(':'), users.get(user)) ? undefined : 401
}
