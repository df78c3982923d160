import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {EngineError} from '../../../src/lib/engine/engine.js'
import {label} from '../../../src/lib/engine/labels.js'
import type {Clock} from '../../../src/lib/runtime/support/clock.js'
import {systemClock} from '../../../src/lib/runtime/support/clock.js'
import {eventually} from '../../support/eventually.js'
import {type Restartable, restartable} from '../../support/restartable.js'

describe('a runtime that was killed', () => {
  it('during a release command waits for that command and starts no second one', async () => {
    await using at = await withRelease()
    const [first] = await commands(at)
    await at.restart()
    expect((await commands(at)).map(one => one.id)).toEqual([first?.id])
    at.engine.print(first?.name as string, 'migrated\n')
    at.engine.crash(first?.name as string, 0)
    await eventually(async () => expect(await newest(at)).toMatchObject({version: 3, status: 'succeeded', current: true}))
    expect(await commands(at)).toEqual([])
    expect(await outputs(at)).toContain('migrated\n')
  })

  it('learns how a release command ended meanwhile', async () => {
    await using at = await withRelease()
    const [first] = await commands(at)
    await at.stop()
    at.engine.crash(first?.name as string, 3)
    await at.open()
    await at.runtime.start()
    await eventually(async () => expect(await newest(at)).toMatchObject({version: 3, status: 'failed', current: false}))
    expect(await commands(at)).toEqual([])
  })

  it('runs a release command again that nobody can find', async () => {
    await using at = await withRelease()
    const [first] = await commands(at)
    await at.stop()
    await at.engine.remove(first?.id as string)
    await at.open()
    await at.runtime.start()
    await eventually(async () => expect(await commands(at)).toHaveLength(1))
    const [second] = await commands(at)
    at.engine.crash(second?.name as string, 0)
    await eventually(async () => expect(await newest(at)).toMatchObject({version: 3, status: 'succeeded', current: true}))
  })

  it('finishes that release before a change that comes while the engine is not looked at yet', async () => {
    await using at = await withRelease()
    await at.stop()
    await at.open()
    const change = at.api('PATCH', '/apps/demo/config-vars', {LATER: 'yes'})
    await at.runtime.start()
    const [command] = await commands(at)
    at.engine.crash(command?.name as string, 0)
    await change
    await eventually(async () => expect(await newest(at)).toMatchObject({version: 4, status: 'pending'}))
    expect(await at.api('GET', '/apps/demo/releases/3')).toMatchObject({status: 'succeeded'})
    expect((await at.api<{slug: unknown}>('GET', '/apps/demo/releases/4')).slug).toEqual(
      (await at.api<{slug: unknown}>('GET', '/apps/demo/releases/3')).slug,
    )
  })

  it('goes on destroying an app', async () => {
    await using at = await restartable()
    await at.api('POST', '/apps', {name: 'demo'})
    await at.deploy('demo', {Procfile: 'web: serve\n'})
    await eventually(async () => expect(await containers(at)).toHaveLength(1))
    const remove = at.engine.removeAll
    at.engine.removeAll = async () => Promise.reject(new Error('killed here'))
    await at.restart()
    await expect(at.api('DELETE', '/apps/demo')).rejects.toThrow()
    at.engine.removeAll = remove
    await at.restart()
    await eventually(async () => expect(await containers(at)).toEqual([]))
    expect(await at.api('GET', '/apps')).toEqual([])
    for (const folder of [at.home.logs, at.home.builds]) expect(await readdir(folder)).toEqual([])
  })

  it('is let go of by its end: nothing in its home changes afterwards', async () => {
    await using at = await restartable()
    await at.stop()
    await at.open()
    const order: string[] = []
    at.runtime.services.repositories.refresh = async () => {
      await systemClock.sleep(100)
      order.push('tidied')
    }
    await at.runtime.start()
    await at.stop()
    order.push('closed')
    await at.open()
    expect(order).toEqual(['tidied', 'closed'])
  })

  it('stores config vars with their release or not at all', async () => {
    await using at = await restartable()
    await at.api('POST', '/apps', {name: 'demo'})
    const {store} = at.runtime
    const run = store.run.bind(store)
    store.run = (sql, ...values) => {
      if (sql.startsWith('INSERT INTO releases')) throw new Error('killed here')
      return run(sql, ...values)
    }
    await expect(at.api('PATCH', '/apps/demo/config-vars', {A: 'b'})).rejects.toThrow()
    expect(await at.api('GET', '/apps/demo/config-vars')).toEqual({})
    store.run = run
    expect(await at.api('PATCH', '/apps/demo/config-vars', {A: 'b'})).toEqual({A: 'b'})
    expect(await newest(at)).toMatchObject({version: 3, current: true})
  })

  it('keeps the outputs of the newest hundred builds', async () => {
    await using at = await restartable()
    const app = await at.api<{id: string}>('POST', '/apps', {name: 'demo'})
    for (let minute = 10; minute < 112; minute += 1) {
      const then = new Date(1_000_000 + minute * 60_000).toISOString()
      at.runtime.store.run(
        `INSERT INTO builds (id, app_id, status, stack, source_url, user_email, created_at, updated_at) VALUES (?, ?, 'failed', 'heroku-24', 'git', 'x', ?, ?)`,
        ...[`b${minute}`, app.id, then, then],
      )
      await writeFile(join(at.home.builds, `b${minute}.log`), 'said')
    }
    await at.deploy('demo', {Procfile: 'web: serve\n'})
    await eventually(async () => expect((await readdir(at.home.builds)).filter(name => name.endsWith('.log'))).toHaveLength(100))
    expect(await readdir(at.home.builds)).not.toContain('b12.log')
    expect(await readdir(at.home.builds)).toContain('b13.log')
  })

  it('fails the builds it left and removes their sources', async () => {
    await using at = await restartable()
    const app = await at.api<{id: string}>('POST', '/apps', {name: 'demo'})
    const now = new Date().toISOString()
    at.runtime.store.run(
      `INSERT INTO builds (id, app_id, status, stack, source_url, user_email, created_at, updated_at) VALUES ('b', ?, 'pending', 'heroku-24', 'git', 'x', ?, ?)`,
      ...[app.id, now, now],
    )
    await writeFile(join(at.home.builds, 'b.tar'), 'half')
    const pushed = join(at.home.git, `${app.id}.git`, 'objects', 'tmp_objdir-incoming-x')
    await mkdir(pushed, {recursive: true})
    await at.restart()
    expect(await at.api('GET', '/apps/demo/builds/b')).toMatchObject({status: 'failed'})
    expect(await readdir(at.home.builds)).toEqual([])
    await eventually(async () => expect(await readdir(dirname(pushed))).not.toContain('tmp_objdir-incoming-x'))
  })
})

describe('an engine', () => {
  it('that stops and starts again has every dyno running again', async () => {
    await using at = await restartable()
    await at.api('POST', '/apps', {name: 'demo'})
    await at.deploy('demo', {Procfile: 'web: serve\n'})
    await up(at)
    for (const one of await containers(at)) at.engine.crash(one.name, 137)
    at.engine.goDown()
    await new Promise(resolve => setTimeout(resolve, 50))
    at.engine.comeUp()
    at.engine.breakEvents()
    await up(at)
    expect((await containers(at)).map(one => one.state)).toEqual(['running'])
  })

  it.each(['has gone', 'still answers'])('that ends dynos and %s, again and again, makes no crashes of them', async how => {
    await using at = await restartable()
    const {ping} = at.engine
    const version = await ping()
    at.engine.ping = async () => (how === 'still answers' ? version : await ping())
    await at.restart()
    await at.api('POST', '/apps', {name: 'demo'})
    await at.deploy('demo', {Procfile: 'web: serve\n'})
    for (let times = 0; times < 3; times += 1) {
      await up(at)
      const [running] = await containers(at)
      at.engine.goDown()
      at.engine.crash(running?.name as string, 143)
      await eventually(async () => expect(await at.api('GET', '/apps/demo/dynos')).not.toMatchObject([{state: 'up'}]))
      at.engine.comeUp()
    }
    await up(at)
    expect((await containers(at)).map(one => one.state)).toEqual(['running'])
  })

  it('that is away for a while does not lose the end of a release command', async () => {
    await using at = await restartable({clock: impatient})
    const {wait} = at.engine
    let away = 3
    at.engine.wait = async (id, signal) => {
      away -= 1
      if (away >= 0) throw new EngineError('unavailable', 'the connection broke')
      return await wait(id, signal)
    }
    // Nor is the end told as an event.
    at.engine.events = (_labels, signal) => unheard(signal)
    await at.restart()
    await beginRelease(at)
    const [command] = await commands(at)
    at.engine.crash(command?.name as string, 0)
    await eventually(async () => expect(await newest(at)).toMatchObject({version: 3, status: 'succeeded', current: true}))
    expect(away).toBeLessThan(0)
  })

  it('that loses the container of an add-on gets it back', async () => {
    await using at = await restartable({clock: impatient})
    await at.api('POST', '/apps', {name: 'demo'})
    await at.api('POST', '/apps/demo/addons', {plan: 'heroku-redis:mini'})
    const servers = () => at.engine.observe({[label.kind]: 'addon'})
    await eventually(async () => expect(await at.api('GET', '/apps/demo/addons')).toMatchObject([{state: 'provisioned'}]))
    const [server] = await servers()
    await at.engine.vanish(server?.id as string)
    await eventually(async () => expect((await servers()).map(one => one.state)).toEqual(['running']))
    expect((await servers())[0]?.id).not.toBe(server?.id)
  })
})

describe('a clock', () => {
  it('that is set back by a year keeps no crashed dyno waiting, one that is set forward kills nothing that boots', async () => {
    const jumps = {ms: 0}
    const clock: Clock = {now: () => new Date(Date.now() + jumps.ms), sleep: systemClock.sleep}
    await using at = await restartable({clock})
    await at.api('POST', '/apps', {name: 'demo'})
    await at.deploy('demo', {Procfile: 'web: serve\n'})
    await up(at)
    at.engine.listening = async () => false
    for (let times = 0; times < 2; times += 1) {
      const [dyno] = await eventually(async () => {
        const running = (await containers(at)).filter(one => one.state === 'running')
        if (running.length === 0) throw new Error('none runs')
        return running
      })
      at.engine.crash(dyno?.name as string, 1)
      await eventually(async () => expect((await containers(at)).find(one => one.id === dyno?.id)?.state).not.toBe('running'))
    }
    await eventually(async () => expect(await at.api('GET', '/apps/demo/dynos')).toMatchObject([{state: 'crashed'}]))
    jumps.ms = -365 * 86_400_000
    await at.restart()
    await eventually(async () => expect(await at.api('GET', '/apps/demo/dynos')).toMatchObject([{state: 'starting'}]))
    const [booting] = await containers(at)
    jumps.ms = 86_400_000
    await new Promise(resolve => setTimeout(resolve, 200))
    expect((await containers(at)).map(one => [one.id, one.state])).toEqual([[booting?.id, 'running']])
  })
})

async function* unheard(signal: AbortSignal): AsyncGenerator<never> {
  await new Promise(resolve => signal.addEventListener('abort', resolve, {once: true}))
}

/** Waits are a hundredth as long. */
const impatient: Clock = {now: () => new Date(), sleep: (ms, signal) => systemClock.sleep(ms / 100, signal)}

interface Release {
  version: number
  status: string
  current: boolean
}

/** An app whose v3 waits for its release command. */
async function withRelease(): Promise<Restartable> {
  const at = await restartable()
  await beginRelease(at)
  return at
}

async function beginRelease(at: Restartable): Promise<void> {
  await at.api('POST', '/apps', {name: 'demo'})
  void at.deploy('demo', {Procfile: 'web: serve\nrelease: migrate\n'}).catch(() => undefined)
  await eventually(async () => expect((await commands(at)).map(one => one.state)).toEqual(['running']))
}

function containers(at: Restartable) {
  return at.engine.observe({[label.kind]: 'dyno'})
}

function commands(at: Restartable) {
  return at.engine.observe({[label.type]: 'release'})
}

async function newest(at: Restartable): Promise<Release | undefined> {
  return (await at.api<Release[]>('GET', '/apps/demo/releases')).sort((a, b) => b.version - a.version)[0]
}

async function up(at: Restartable): Promise<void> {
  await eventually(async () => expect(await at.api('GET', '/apps/demo/dynos')).toMatchObject([{name: 'web.1', state: 'up'}]))
}

async function outputs(at: Restartable): Promise<string[]> {
  const names = (await readdir(at.home.builds)).filter(name => name.startsWith('release-'))
  return await Promise.all(names.map(name => readFile(join(at.home.builds, name), 'utf8')))
}
