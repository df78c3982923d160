import {SMTPServer} from 'smtp-server'
import {same} from './settings.js'

/** SMTP as the service offers it: for those who authenticate, up to the plan's connections. `deliver` takes what they send. */
export function smtpServer({users, connections, largest}, deliver) {
  const server = new SMTPServer({
    banner: 'mails are caught here',
    // There is no TLS: a connection does not leave the machine.
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
    disableReverseLookup: true,
    maxClients: connections,
    size: largest,
    onAuth({username, password, validatePassword}, _session, done) {
      const wanted = users.get(username)
      const right = wanted !== undefined && (password === undefined ? validatePassword(wanted) : same(password, wanted))
      done(right ? undefined : smtpError(535, 'Authentication failed'), {user: username})
    },
    onData(stream, {envelope}, done) {
      deliver({
        envelope: {from: envelope.mailFrom ? envelope.mailFrom.address : '', to: envelope.rcptTo.map(one => one.address)},
        raw: stream,
      }).then(
        () => done(undefined, 'Queued. Thank you.'),
        error => {
          stream.resume()
          done(stream.sizeExceeded ? smtpError(552, 'The message is too large') : smtpError(error.responseCode ?? 451, error.message))
        },
      )
    },
  })
  server.on('error', error => console.error(`smtp: ${error.message}`))
  return server
}

function smtpError(responseCode, message) {
  return Object.assign(new Error(message), {responseCode})
}
