import {connectDocker} from '../src/lib/engine/docker/docker-engine.js'
import type {Engine} from '../src/lib/engine/engine.js'
import {backupRows} from './backups.js'
import {Bench} from './bench.js'
import {catalogueRows} from './catalogue.js'
import {commandRows} from './commands.js'
import {configSetRows} from './config-set.js'
import {firstPushRows} from './first-push.js'
import {languageNames, languageRows} from './languages.js'
import {logRows} from './logplex.js'
import {pushRows} from './push.js'
import {pushPullRows} from './push-pull.js'
import {restRows} from './rest.js'
import {reloadRows, routerRows} from './router.js'
import type {BenchRow} from './row.js'
import {scaleRows} from './scale.js'
import {table} from './table.js'
import {wakeRows} from './wake.js'
import {zeroDowntimeRows} from './zero-downtime.js'

type Rows = (bench: Bench) => Promise<BenchRow[]>

const groups: Record<string, Rows> = {
  commands: commandRows,
  push: pushRows,
  languages: bench => languageRows(bench),
  'first-push': firstPushRows,
  'config-set': configSetRows,
  scale: scaleRows,
  wake: wakeRows,
  'zero-downtime': zeroDowntimeRows,
  router: () => withEngine(routerRows),
  reload: () => withEngine(reloadRows),
  logs: () => withEngine(logRows),
  rest: restRows,
  catalogue: catalogueRows,
  backups: backupRows,
  'push-pull': pushPullRows,
}

/** Parts of a group, for when all of it would take too long. */
const parts: Record<string, Rows> = Object.fromEntries(
  languageNames.map((name): [string, Rows] => [`languages:${name}`, bench => languageRows(bench, [name])]),
)

const usage = `npm run bench -- [--json] [--rounds=5] [${[...Object.keys(groups), ...Object.keys(parts)].join(' ')}]`

async function withEngine(rows: (engine: Engine) => Promise<BenchRow[]>): Promise<BenchRow[]> {
  const engine = await connectDocker()
  try {
    return await rows(engine)
  } finally {
    await engine.close()
  }
}

/** 0 however the numbers are: they inform. 1 when something could not be measured, 2 for words nobody knows. */
async function main(args: string[]): Promise<number> {
  const rounds = Number(args.find(arg => arg.startsWith('--rounds='))?.slice(9) ?? 5)
  const named = args.filter(arg => !arg.startsWith('--'))
  const unknown = args.find(arg => !(arg === '--json' || /^--rounds=[1-9]\d*$/.test(arg) || arg in groups || arg in parts))
  if (unknown !== undefined) {
    console.error(`${unknown} is no row. ${usage}`)
    return 2
  }
  const bench = new Bench(rounds)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bench.close().finally(() => process.exit(130)))
  try {
    const {rows, failed} = await measure(bench, named.length === 0 ? Object.keys(groups) : named)
    console.log(args.includes('--json') ? JSON.stringify(rows, undefined, 2) : table(rows))
    return failed ? 1 : 0
  } finally {
    await bench.close()
  }
}

/** A row that cannot be measured does not keep the others from it. */
async function measure(bench: Bench, names: string[]): Promise<{rows: BenchRow[]; failed: boolean}> {
  const rows: BenchRow[] = []
  let failed = false
  for (const name of names) {
    console.error(`Measuring ${name}`)
    try {
      rows.push(...(await (groups[name] ?? parts[name])!(bench)))
    } catch (error) {
      failed = true
      console.error(`${name} could not be measured:`, error)
    }
  }
  return {rows, failed}
}

process.exit(await main(process.argv.slice(2)))
