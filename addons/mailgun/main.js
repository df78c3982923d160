import nodemailer from 'nodemailer'
import {httpServer} from './http.js'
import {mailboxPorts, openMailbox} from './mailbox.js'
import {settings} from './settings.js'
import {smtpServer} from './smtp.js'

const own = settings(process.env)
const transport = nodemailer.createTransport({host: '127.0.0.1', port: mailboxPorts.smtp, ignoreTLS: true, pool: true, maxConnections: 8})
// What an app sends names no file and no address to fetch.
const deliver = mail => transport.sendMail({...mail, disableFileAccess: true, disableUrlAccess: true})

const smtp = smtpServer(own, deliver)
const mailbox = await openMailbox({
  directory: '/data/mails',
  storage: own.storage,
  largest: own.largest,
  facts: () => ({connections: smtp.connections.size}),
})
const http = await httpServer(own, mailbox.page, deliver)
await new Promise((done, failed) => smtp.listen(own.smtpPort, done).on('error', failed))
await new Promise((done, failed) => http.listen(own.pagePort, done).on('error', failed))
await mailbox.open()

process.once('SIGTERM', async () => {
  http.close()
  http.closeAllConnections()
  await new Promise(done => smtp.close(done))
  transport.close()
  await mailbox.close()
  process.exit(0)
})
