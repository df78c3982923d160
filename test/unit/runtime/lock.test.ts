import {mkdtemp, rm} from 'node:fs/promises'
import {createServer, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {takeLock, takeLockUnlessServed} from '../../../src/lib/runtime/lock.js'

let paths: {lock: string; socket: string}
let server: Server | undefined
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hk-lock-'))
  paths = {lock: join(folder, 'lock'), socket: join(folder, 'socket')}
})
afterEach(async () => {
  server?.close()
  server = undefined
  await rm(folder, {recursive: true})
})

it('a second runtime waits until the first one listens, and is not needed then', async () => {
  const first = await takeLock(paths.lock)
  let settled = false
  const second = takeLockUnlessServed(paths, 5000).finally(() => {
    settled = true
  })
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(settled).toBe(false)
  server = createServer().listen(paths.socket)
  expect(await second).toBeUndefined()
  first?.close()
})

it('succeeds one that goes before it listened', async () => {
  const first = await takeLock(paths.lock)
  const second = takeLockUnlessServed(paths, 5000)
  first?.close()
  const lock = await second
  expect(lock).toBeDefined()
  lock?.close()
})

it('gives up on one that neither listens nor goes', async () => {
  const first = await takeLock(paths.lock)
  await expect(takeLockUnlessServed(paths, 60)).rejects.toThrow(`Another runtime holds ${paths.lock}`)
  first?.close()
})
