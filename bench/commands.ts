import type {Bench} from './bench.js'
import {medians, time} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** A command's wall time, the runtime up, against starting Node and doing nothing. */
export async function commandRows(bench: Bench): Promise<BenchRow[]> {
  const {world, app} = await bench.app()
  const found = await medians(bench.rounds * 4, {
    ps: () => time(() => world.ok('ps', app.folder)),
    node: () => time(() => world.exec(process.execPath, ['-e', '0'], app.folder)),
  })
  return [atMost(5, {what: 'hokku ps (floor: node -e 0)', value: found.ps, floor: found.node, unit: 'ms'})]
}
