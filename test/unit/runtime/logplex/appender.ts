import {createLogplex} from '../../../../src/lib/runtime/logplex/create-logplex.js'
import {openStore} from '../../../../src/lib/runtime/store/store.js'
import {systemClock} from '../../../../src/lib/runtime/support/clock.js'
import {silentLog} from '../../../../src/lib/runtime/support/runtime-log.js'
import {app} from './support.js'

/** Appends lines until it is killed, and says on stdout which are safe. */
const [directory, storePath] = process.argv.slice(2) as [string, string]
const logplex = createLogplex({
  directory,
  store: await openStore(storePath),
  clock: systemClock,
  log: silentLog,
  limits: {segmentBytes: 200_000, batchBytes: 4096},
})
await logplex.start()
const writer = logplex.output(app, 'web.1', 'c1')
for (let line = 0; ; ) {
  for (const until = line + 200; line < until; line += 1) writer.write('stdout', Buffer.from(`n ${line}\nn`).subarray(0, -1))
  await logplex.flush()
  process.stdout.write(`${line - 1}\n`)
}
