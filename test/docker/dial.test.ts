import {randomUUID} from 'node:crypto'
import {text} from 'node:stream/consumers'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {connectDocker} from '../../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../../src/lib/engine/engine.js'
import {dialFrom} from '../../src/lib/runtime/router/dial.js'
import {eventually} from '../support/eventually.js'

const run = `hokku-test-${randomUUID().slice(0, 8)}`
const mine = {'hokku.test-run': run}
const server = (port: number, each: string): string =>
  `use IO::Socket::INET; $s = IO::Socket::INET->new(Listen => 9, LocalPort => ${port}, ReuseAddr => 1) or die; while ($c = $s->accept) { if (!fork) { ${each}; exit } close $c }`

/** As the router in a VM's engine reaches a dyno: from one container to another. */
describe('a connection from one container to another', () => {
  let engine: Engine
  let from: string
  let to: string

  const started = async (name: string, script: string): Promise<{id: string; address: string | undefined}> =>
    engine.start({
      name: `${run}.${name}`,
      image: 'debian:13-slim',
      command: ['perl', '-e', script],
      env: {},
      labels: mine,
      networking: [{network: run}],
      restart: 'never',
      keepOutput: 'copy',
    })
  const dial = (port: number, seconds: number) => dialFrom(engine, from, {address: to, port}, seconds)
  const dialling = async (): Promise<string> =>
    (await engine.exec(from, ['sh', '-c', 'grep -lsz "[a]larm" /proc/[0-9]*/cmdline; true'])).stdout.toString()

  beforeAll(async () => {
    engine = await connectDocker({home: run})
    await engine.ensureNetwork(run, mine)
    from = (await started('from', 'sleep')).id
    const echo = await started('to', `if (!fork) { ${server(7001, 'sleep')} } ${server(7000, 'print $c $_ while <$c>')}`)
    to = echo.address as string
    for (const port of [7000, 7001]) await eventually(async () => expect(await engine.listening(echo, port)).toBe(true))
  })
  afterAll(async () => {
    await engine?.removeAll(mine)
    await engine?.close()
  })

  it('carries bytes both ways until one side has enough', async () => {
    const stream = await dial(7000, 60)
    const line = `${'x'.repeat(200_000)}\n`
    stream.write(line)
    let heard = ''
    stream.on('data', data => {
      heard += String(data)
    })
    await eventually(() => expect(heard.length).toBe(line.length))
    expect(heard).toBe(line)
    expect(await dialling()).not.toBe('')
    stream.destroy()
    await eventually(async () => expect(await dialling()).toBe(''))
  })

  it('says why there is none', async () => {
    await expect(dial(7999, 5)).rejects.toThrow('no connection to port 7999: Connection refused')
    await expect(dialFrom(engine, 'nobody', {address: to, port: 7000}, 5)).rejects.toMatchObject({code: 'not_found'})
  })

  it('ends in time where the other side says nothing, and leaves no process behind', async () => {
    const stream = await dial(7001, 1)
    stream.write('anybody?\n')
    expect(await text(stream)).toBe('')
    expect(await dialling()).toBe('')
  })
})
