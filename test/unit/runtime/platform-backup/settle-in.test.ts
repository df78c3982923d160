import {mkdir, mkdtemp, rm} from 'node:fs/promises'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {settleIn} from '../../../../src/lib/runtime/platform-backup/settle-in.js'
import {openStore, readSetting, type Store, writeSetting} from '../../../../src/lib/runtime/store/store.js'
import {type Home, homeAt} from '../../../../src/lib/schema/home.js'
import {freePort} from '../../../support/free-port.js'

describe('a restored home', () => {
  let home: Home
  let store: Store
  let ports: Record<string, string>
  beforeEach(async () => {
    home = homeAt(await mkdtemp(join(tmpdir(), 'hk-')))
    await mkdir(home.restore)
    store = await openStore(':memory:')
    const [port, tlsPort, apiPort] = [await freePort(), await freePort(), await freePort()].map(String) as [string, string, string]
    ports = {'router.port': port, 'router.tls-port': tlsPort, 'router.bind': '127.0.0.1', 'api.port': apiPort}
    for (const [key, value] of Object.entries({...ports, 'router.fallback-port': '1'})) writeSetting(store, key, value)
  })
  afterEach(() => rm(home.root, {recursive: true}))
  const settled = () => Object.fromEntries(Object.keys(ports).map(key => [key, readSetting(store, key)]))

  it('keeps the ports that are free on this machine', async () => {
    await settleIn(home, store, {})
    expect(settled()).toEqual(ports)
    expect(readSetting(store, 'router.fallback-port')).toBeUndefined()
  })

  it.each(['router.tls-port', 'api.port'])('gives a taken port up: %s', async key => {
    await using server = createServer()
    await new Promise<void>(resolve => server.listen(Number(ports[key]), '127.0.0.1', resolve))
    await settleIn(home, store, {})
    const given = key === 'api.port' ? {...ports, 'api.port': undefined} : {'api.port': ports['api.port']}
    expect(settled()).toEqual(given)
  })

  it('takes those that the environment names, as a new home does', async () => {
    await settleIn(home, store, {HOKKU_ROUTER_PORT: '8080'})
    expect(settled()).toEqual({'api.port': ports['api.port']})
  })

  it('does so once: later its own router has these ports', async () => {
    await settleIn(home, store, {})
    await settleIn(home, store, {HOKKU_ROUTER_PORT: '8080'})
    expect(settled()).toEqual(ports)
  })
})
