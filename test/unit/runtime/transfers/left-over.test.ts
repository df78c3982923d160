import {PassThrough} from 'node:stream'
import {expect, it} from 'vitest'
import {openStore} from '../../../../src/lib/runtime/store/store.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {Seal} from '../../../../src/lib/runtime/support/seal.js'
import {BackupSchedules} from '../../../../src/lib/runtime/transfers/backup-schedules.js'
import {TransferTable, type WantedTransfer} from '../../../../src/lib/runtime/transfers/transfer-table.js'
import {Transfers, type TransfersDeps} from '../../../../src/lib/runtime/transfers/transfers.js'
import {eventually} from '../../../support/eventually.js'

/** A runtime after the end of one that was at these transfers; the database answers so when it is told to stop them. */
async function after(kind: WantedTransfer['kind'], answer: string) {
  const store = await openStore(':memory:')
  store.exec('PRAGMA foreign_keys=OFF')
  const table = new TransferTable(store, new Seal(Buffer.alloc(32)), systemClock)
  const {id} = table.insert({appId: 'app', kind, addonId: 'addon', fromName: 'BACKUP', toName: 'db', source: 'backup:x'})
  const openSession = async () => {
    const stream = new PassThrough()
    stream.end(answer)
    return {stream: Object.assign(stream, {end: () => stream}), ended: Promise.resolve(0), resize: async () => undefined}
  }
  const service = () => ({manifest: {local: {commands: {transfer: ['database-transfer']}}}})
  const addon = {id: 'addon', name: 'db', service: 'heroku-postgresql', state: 'provisioned'}
  const work = {addons: {get: () => addon, catalogue: {service}, openSession}, files: {sweep: async () => undefined}, stores: {}}
  const deps = {work, table, schedules: new BackupSchedules(store, systemClock), store, clock: systemClock, log: silentLog}
  const transfers = new Transfers(deps as unknown as TransfersDeps)
  transfers.recover()
  const before = table.get(id)?.succeeded
  transfers.start()
  await eventually(() => expect(table.get(id)?.finishedAt).toBeDefined())
  await transfers.close()
  const {succeeded, log} = table.get(id)!
  return {before, succeeded, said: log.at(-1)?.message}
}

it.each(['restore', 'copy'] as const)('a %s that went on without its runtime is told as its database has it', async kind => {
  const done = await after(kind, 'Restored\n')
  expect(done).toEqual({before: undefined, succeeded: true, said: expect.stringContaining('The data was replaced all the same.')})
  const broken = await after(kind, '')
  expect(broken).toEqual({before: undefined, succeeded: false, said: expect.stringContaining('The data is as it was.')})
})

it('a backup that lost its runtime has failed at once', async () => {
  expect(await after('backup', '')).toMatchObject({before: false, succeeded: false})
})
