import {randomUUID} from 'node:crypto'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import {root} from '../support/slug-workshop.js'
import {tarOf} from '../support/tar-of.js'

/** A machine of its own, so that the store of the one that tests is left alone. */
const dockerfile = `FROM debian:13-slim
RUN apt-get update && apt-get install -y --no-install-recommends nodejs ca-certificates curl libnss3-tools && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home dev && mkdir -p /home/dev/.mozilla/firefox/abc.default && certutil -N -d sql:/home/dev/.mozilla/firefox/abc.default --empty-password && chown -R dev: /home/dev
`
const tag = 'hokku-test/trust:1'
const home = randomUUID()
let engine: Engine

interface Result {
  exitCode: number
  stdout: string
  stderr: string
}

async function machine(user: string): Promise<(command: string) => Promise<Result>> {
  const {id} = await engine.start(
    {
      name: `hokku-trust-${user}-${home.slice(0, 8)}`,
      image: tag,
      command: ['sleep', '600'],
      entrypoint: [],
      env: {HOME: user === 'root' ? '/root' : '/home/dev', NO_COLOR: '1', CI: '1'},
      labels: {'hokku.home': home},
      user,
      networking: [{network: 'bridge'}],
      mounts: [{type: 'bind', source: root, target: '/hokku', readOnly: true}],
      restart: 'never',
      keepOutput: 'none',
    },
    () => undefined,
  )
  return async command => {
    const {exitCode, stdout, stderr} = await engine.exec(id, ['sh', '-c', command])
    return {exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8')}
  }
}

const hokku = 'node /hokku/bin/run.js'
/** The API's own TLS side has a certificate of the local authority; without a token it answers 401 to whoever trusts it. */
const visit = 'curl -s -o /dev/null -w "%{http_code}" https://localhost:5080/apps'

describe.skipIf(!existsSync(join(root, 'dist/run.js')))('certs:trust', () => {
  beforeAll(async () => {
    engine = await connectDocker({home})
    await engine.build({context: tarOf({Dockerfile: dockerfile}), tags: [tag], onProgress: () => undefined})
  }, 600_000)
  afterAll(async () => {
    await engine?.removeAll({'hokku.home': home})
    await engine?.close()
  })

  it('makes the system and browsers accept the local authority, and certs:untrust forget it', async () => {
    const run = await machine('root')
    const trusted = await run(`${hokku} certs:trust --json`)
    expect(JSON.parse(trusted.stdout)).toEqual([
      {store: 'system (Debian)', done: true, message: ''},
      {store: 'Chrome, Chromium', done: true, message: ''},
    ])
    expect(trusted.exitCode).toBe(0)
    expect(await run(visit)).toMatchObject({exitCode: 0, stdout: '401'})
    expect((await run('certutil -L -d sql:$HOME/.pki/nssdb')).stdout).toMatch(/hokku local CA \w{8} +C,,/)
    expect((await run(`${hokku} certs:trust`)).exitCode).toBe(0)

    const forgotten = await run(`${hokku} certs:untrust`)
    expect(forgotten.exitCode).toBe(0)
    expect(forgotten.stderr).toMatch(
      /Removing hokku local CA \w{8} from system \(Debian\)\.\.\. done\nRemoving hokku local CA \w{8} from Chrome, Chromium\.\.\. done\n/,
    )
    // 60: the certificate is not accepted.
    expect((await run(visit)).exitCode).toBe(60)
    expect((await run('certutil -L -d sql:$HOME/.pki/nssdb')).stdout).not.toContain('hokku')
    expect((await run(`${hokku} certs:untrust`)).exitCode).toBe(0)
  })

  it('does what a user may, and tells the rest', async () => {
    const run = await machine('dev')
    const {exitCode, stderr} = await run(`${hokku} certs:trust`)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/Adding hokku local CA \w{8} to system \(Debian\)\.\.\. !\n/)
    expect(stderr.replace(/\s+›\s+/g, ' ')).toContain('system (Debian): it is for root to change, and there is no sudo')
    expect(stderr).toMatch(/to Chrome, Chromium\.\.\. done\n/)
    expect(stderr).toMatch(/to Firefox \(abc\.default\)\.\.\. done\n/)
    expect((await run('certutil -L -d sql:$HOME/.mozilla/firefox/abc.default')).stdout).toContain('hokku local CA')
    expect((await run(`${hokku} certs:untrust`)).exitCode).toBe(0)
    expect((await run('certutil -L -d sql:$HOME/.mozilla/firefox/abc.default')).stdout).not.toContain('hokku')
  })
})
