import {createHash, timingSafeEqual} from 'node:crypto'

/** What the add-on is, from its environment: nothing secret is in an argument or a file. */
export function settings(env) {
  const words = env.USERS.split(' ')
  const storage = Number(env.STORAGE)
  return {
    service: env.SERVICE,
    domain: env.DOMAIN,
    apiKey: env.API_KEY,
    smtpPort: Number(env.SMTP_PORT),
    pagePort: Number(env.PAGE_PORT),
    connections: Number(env.CONNECTIONS),
    /** Bytes that mails may take on the disk. One and its attachments never take more. */
    storage,
    largest: Math.min(25 * 1024 * 1024, Math.floor(storage / 2)),
    /** Name → password, for SMTP and for the page. */
    users: new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]]] : []))),
  }
}

/** Whether two secrets are one, in a time that says nothing of them. */
export function same(given, wanted) {
  const digest = text => createHash('sha256').update(String(text)).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}
