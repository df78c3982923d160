// `ACTION PREFIX [WORD]` for a mail service: nodemailer for SMTP, the service's own library for its API, the page for what was caught.
import nodemailer from 'nodemailer'

const [action, prefix, word] = process.argv.slice(2)

/** Config vars of the attachment, by what comes after its name. */
export const vars = new Proxy({}, {get: (_, name) => process.env[`${prefix}_${name}`]})

const mail = {from: 'Shop <shop@example.com>', to: 'Ada <ada@example.com>', cc: 'cc@example.com', bcc: 'hidden@example.com'}

/**
 * How a service is used: `smtp` says where and who, `send` takes a mail, `refused` prints what its API says to a wrong key, `more` does what
 * only this service's API does and gives what it says to mails with faults.
 */
export async function drive({smtp, send, refused, more}) {
  const transport = (auth = smtp.auth) => nodemailer.createTransport({host: smtp.host, port: Number(smtp.port), auth, ...smtp.options})
  const attachment = {filename: 'über.txt', content: Buffer.from('attached'), contentType: 'text/plain'}
  const actions = {
    async write() {
      await transport().sendMail({...mail, subject: `${word} by SMTP`, text: 'plain', html: '<b>rich</b>', attachments: [attachment]})
      await send({...mail, subject: `${word} by API`, text: 'plain', html: '<b>rich</b>', attachment})
      for (const how of ['SMTP', 'API']) await expectCaught(smtp.auth, `${word} by ${how}`)
    },
    async read() {
      const caught = await (await page(smtp.auth)).json()
      console.log(caught.map(one => one.subject))
    },
    async connections() {
      const held = []
      for (;;) {
        const one = await connected(smtp)
        if (one === undefined) break
        held.push(one)
      }
      console.log(held.length)
      for (const one of held) one.destroy()
    },
    /** More than a plan keeps, and then one that is too large: what was said to that, and which are kept. */
    async fill() {
      const attached = megabytes => [{filename: 'large', content: Buffer.alloc(megabytes * 1024 * 1024, 'x')}]
      const [one, count] = [transport(), 16]
      for (let number = 1; number <= count; number += 1)
        await one.sendMail({...mail, subject: `number ${number}`, text: 'x', attachments: attached(1)})
      console.log(
        await one.sendMail({...mail, text: 'x', attachments: attached(13)}).then(
          () => 'taken',
          error => error.responseCode,
        ),
      )
      const {items} = await (await page(smtp.auth, '/api/email/summary?limit=200')).json()
      console.log(items.map(({subject}) => subject).join())
    },
    async more() {
      for (const said of await more()) console.log(JSON.stringify(said))
      const caught = await (await page(smtp.auth)).json()
      for (const one of caught)
        console.log([addresses(one.to), one.subject, one.text?.trim().replaceAll('\n', '/'), one.headers['x-shop'] ?? ''].join(' | '))
    },
    /** Mails with a page in them, and clients that are gone before they are refused: what a browser is told of the page, and what that ends. */
    async disturb() {
      const attachments = [{filename: 'page.html', contentType: 'text/html', content: '<script>1</script>'}]
      await transport().sendMail({...mail, subject: 'page', text: 'x', html: '<script>1</script>', attachments})
      const [
        {
          id,
          attachments: [{generatedFileName: file}],
        },
      ] = await (await page(smtp.auth)).json()
      for (const path of [`/api/email/${id}/html`, `/api/email/${id}/attachment/${file}`]) {
        const {status, headers} = await page(smtp.auth, path)
        console.log(status, headers.get('content-security-policy'))
      }
      const held = await connected(smtp)
      let ended = 'goes on'
      held.once('close', () => (ended = 'ended'))
      await Promise.all(Array.from({length: 300}, (_, number) => goneAtOnce(new URL(vars.API_URL), number % 4)))
      await new Promise(done => setTimeout(done, 1000))
      console.log(ended)
    },
    async intrude() {
      for (const auth of [
        {...smtp.auth, pass: 'wrong'},
        {user: 'nobody', pass: smtp.auth.pass},
      ])
        console.log(
          await transport(auth)
            .verify()
            .then(
              () => 'let in',
              error => error.responseCode,
            ),
        )
      console.log(
        await transport(null)
          .sendMail({...mail, text: 'x'})
          .then(
            () => 'let in',
            error => error.responseCode,
          ),
      )
      console.log(await refused())
      for (const auth of [undefined, {...smtp.auth, pass: 'wrong'}]) console.log((await page(auth)).status)
    },
  }
  await actions[action]()
  process.exit(0)
}

function page(auth, path = '/api/email') {
  const headers = auth && {authorization: `Basic ${Buffer.from(`${auth.user}:${auth.pass}`).toString('base64')}`}
  return fetch(new URL(path, vars.API_URL), {headers})
}

const addresses = list => list?.map(one => one.address).join()

async function expectCaught(auth, subject) {
  const found = (await (await page(auth)).json()).find(one => one.subject === subject)
  const seen = [
    found?.text?.trim(),
    found?.html,
    addresses(found?.from),
    addresses(found?.to),
    addresses(found?.cc),
    addresses(found?.calculatedBcc),
  ]
  const wanted = ['plain', '<b>rich</b>', 'shop@example.com', 'ada@example.com', 'cc@example.com', 'hidden@example.com']
  const [attached] = found?.attachments ?? []
  if (JSON.stringify([...seen, attached?.filename]) !== JSON.stringify([...wanted, 'über.txt']))
    throw new Error(`failure: ${subject} was caught as ${JSON.stringify(found)}`)
}

/** A connection that the server greets; undefined when it has no room for another. */
async function connected({host, port}) {
  const {connect} = await import('node:net')
  const socket = connect(Number(port), host)
  const [greeting] = await new Promise((done, failed) => socket.once('data', data => done([String(data)])).once('error', failed))
  return greeting.startsWith('220') ? socket : undefined
}

/** Asks for an upgrade, and resets the connection after so many ms. */
async function goneAtOnce({hostname, port}, after) {
  const {connect} = await import('node:net')
  const socket = connect(Number(port), hostname, () => {
    socket.write('GET / HTTP/1.1\r\nHost: mail\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    setTimeout(() => socket.resetAndDestroy(), after)
  })
  await new Promise(done => socket.on('error', () => undefined).once('close', done))
}
