import {execFile} from 'node:child_process'
import {readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import type {Bench} from './bench.js'
import {ExpressApp} from './express-app.js'
import {absolute, type BenchRow} from './row.js'

const apps = 5
const dynosEach = 10
const quietSeconds = 20
const watchedSeconds = 30

/** The runtime's own memory and CPU while 50 dynos run and nobody asks for anything. Needs /proc. */
export async function restRows(bench: Bench): Promise<BenchRow[]> {
  const world = await bench.world()
  for (let number = 1; number <= apps; number += 1) {
    const app = await ExpressApp.create(world, `rest-${number}`)
    await app.push(await app.change())
    await world.ok(`ps:scale tiny=${dynosEach - 1}`, app.folder)
    await app.settled(dynosEach)
  }
  await sleep(quietSeconds * 1000)
  const pid = await world.runtimePid()
  const before = await cpuSeconds(pid)
  await sleep(watchedSeconds * 1000)
  const cpu = ((await cpuSeconds(pid)) - before) / watchedSeconds
  const dynos = apps * dynosEach
  return [
    absolute(100, {what: `memory of the runtime at rest with ${dynos} dynos`, value: await residentMegabytes(pid), unit: 'MB'}),
    absolute(1, {what: `CPU of the runtime at rest with ${dynos} dynos, of one core`, value: cpu * 100, unit: '%'}),
  ]
}

async function residentMegabytes(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** User and system time so far. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  const ticks = Number((await promisify(execFile)('getconf', ['CLK_TCK'])).stdout)
  return (Number(fields[11]) + Number(fields[12])) / ticks
}
