import {randomBytes, randomUUID} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {CatalogueService} from '../../src/lib/runtime/addons/catalogue.js'
import {addonImages} from '../../src/lib/runtime/addons/images.js'
import {silentLog} from '../../src/lib/runtime/support/runtime-log.js'
import {dockerApi} from '../support/docker-api.js'
import {secretsIn} from '../support/search.js'

/** Each tells that it sees the certificates and the proxy, and how; the second as somebody who is not root. */
const dockerfile = (run: string): string => `FROM debian:13-slim
RUN : ${run}; echo "root $(cat "$SSL_CERT_FILE" "$NODE_EXTRA_CA_CERTS") $HTTPS_PROXY" && touch /made-by-root
USER nobody
RUN --mount=type=tmpfs,target=/scratch \\
  echo "nobody $(cat "$PIP_CERT") $HTTPS_PROXY"
`

test('the image of an add-on is built with what the host trusts and its proxies, of which it keeps nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hk-trust-'))
  await writeFile(join(folder, 'Dockerfile'), dockerfile(randomUUID()))
  const planted = randomBytes(8).toString('hex')
  const [ca, proxy] = [`certificate-${planted}`, `http://user:${planted}@127.0.0.1:9`]
  const printed: string[] = []
  const engine = await connectDocker()
  const images = addonImages({
    engine,
    log: {...silentLog, debug: line => void printed.push(line)},
    trust: async () => ({ca: Buffer.from(ca), proxies: {HTTPS_PROXY: proxy}}),
  })
  const service = {image: {service: `trust-${planted}`, folder}} as CatalogueService
  const tag = await images.ensure(service, AbortSignal.timeout(120_000))
  try {
    expect(printed.filter(line => line.includes(planted))).toEqual([`root ${ca}${ca} ${proxy}`, `nobody ${ca} ${proxy}`])
    const places = [`/images/${tag}/get`, `/images/${tag}/history`, `/images/${tag}/json`]
    const found = await Promise.all(
      places.map(async place => await secretsIn(await dockerApi(place), {[place]: `certificate-${planted}`, [`${place} proxy`]: proxy})),
    )
    expect(found.flat()).toEqual([])
    expect(await engine.imageFile(tag, '/made-by-root')).toBeDefined()
    expect(await engine.imageFile(tag, '/run/hokku/ca')).toBeUndefined()
    expect(Object.keys((await engine.image(tag))?.config.env ?? {})).toEqual(['PATH'])
  } finally {
    await engine.removeImage(tag)
    await engine.close()
    await rm(folder, {recursive: true})
  }
}, 180_000)
