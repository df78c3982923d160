import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {createAPIServer} from '@maildev/api'
import {FileStorage} from '@maildev/core'
import {createSMTPServer} from '@maildev/smtp'
import {registerUI} from '@maildev/ui/server'

const loopback = '127.0.0.1'
export const mailboxPorts = {smtp: 1025, http: 1080}

/**
 * MailDev, which keeps mails as files and shows them; reached from inside the container only. `page` is its HTTP server. What there is
 * takes no more than `storage` bytes: the oldest mails go.
 */
export async function openMailbox({directory, storage, largest, facts}) {
  const store = new FileStorage({mailDirectory: directory})
  await store.initialize()
  const smtp = createSMTPServer({
    port: mailboxPorts.smtp,
    host: loopback,
    storage: store,
    mailDir: directory,
    maxMessageSize: largest,
    logger: false,
  })
  const bounded = boundedBy(storage, smtp, directory)
  await smtp.loadMailsFromDirectory()
  for (const {id} of await store.getAll()) await bounded.add(id)
  smtp.on('new', ({id}) => void bounded.add(id))
  smtp.on('delete', ({id}) => bounded.forget(id))
  await smtp.start()
  // No other page may read it, in whatever browser.
  const api = createAPIServer({port: mailboxPorts.http, host: loopback, storage: store, smtp, cors: {origin: false, credentials: false}})
  await api.registerPlugins()
  await registerUI(api.server)
  api.server.get('/facts', async () => ({...facts(), messages: bounded.count(), bytes: bounded.bytes()}))
  return {
    page: api.server.server,
    /** Health is told from here on. */
    open: () => api.listen(),
    async close() {
      await api.stop()
      await smtp.stop()
    },
  }
}

/** Counts what mails take on the disk, one after the other, and deletes the oldest as long as it is too much. */
function boundedBy(storage, smtp, directory) {
  const sizes = new Map()
  let total = 0
  let turn = Promise.resolve()
  const forget = id => {
    if (id === 'all') {
      sizes.clear()
      total = 0
    }
    total -= sizes.get(id) ?? 0
    sizes.delete(id)
  }
  const add = async id => {
    sizes.set(id, await bytesOf(directory, id))
    total += sizes.get(id)
    while (total > storage && sizes.size > 1) {
      const [oldest] = sizes.keys()
      await smtp.deleteEmail(oldest).catch(() => forget(oldest))
    }
  }
  return {
    forget,
    count: () => sizes.size,
    bytes: () => total,
    add(id) {
      turn = turn.then(() => add(id)).catch(error => console.error(`${id} is not counted: ${error.message}`))
      return turn
    },
  }
}

/** Of the disk, in its blocks: a mail of some words costs as much memory as one of four thousand. */
async function bytesOf(directory, id) {
  const sizeOf = async path => (await stat(path)).blocks * 512
  const attachments = await readdir(join(directory, id)).catch(() => [])
  const paths = [join(directory, `${id}.eml`), ...attachments.map(name => join(directory, id, name))]
  return (await Promise.all(paths.map(sizeOf))).reduce((sum, size) => sum + size, 0)
}
