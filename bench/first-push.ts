import {existsSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import type {World} from '../test/support/world.js'
import type {Bare, BareContainer} from './bare.js'
import type {Bench} from './bench.js'
import {ExpressApp, expressFiles} from './express-app.js'
import {medians} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/**
 * A push of an app whose dependencies BuildKit has not seen, against `npm ci` alone in a bare container of the same image: the first, whose
 * npm cache is empty, and a later one, whose cache is warm. Each app has a cache of its own.
 */
export async function firstPushRows(bench: Bench): Promise<BenchRow[]> {
  const {world, app} = await bench.app()
  const {build} = await app.images(bench.bare)
  const cache = await bench.bare.volume('npm')
  const install = (binds: string[]) => npmCi(bench.bare, build, binds)
  await install([`${cache}:/tmp/npm`])
  const found = await medians(Math.max(3, Math.floor(bench.rounds / 2)), {
    warm: () => laterPush(world),
    bareWarm: () => install([`${cache}:/tmp/npm`]),
    cold: () => firstPush(world),
    bareCold: () => install([]),
  })
  const row = (what: string, value: number, floor: number): BenchRow =>
    atMost(1.3, {what: `${what} (floor: npm ci in a bare container)`, value, floor, unit: 'ms'})
  return [
    row('push of other dependencies, npm cache warm', found.warm, found.bareWarm),
    row('first push, npm cache empty', found.cold, found.bareCold),
  ]
}

let count = 0

async function firstPush(world: World): Promise<number> {
  return await pushed(world, 1)
}

async function laterPush(world: World): Promise<number> {
  return await pushed(world, 2)
}

/** How long the last of so many pushes took, each with dependencies that no build has seen. */
async function pushed(world: World, times: number): Promise<number> {
  count += 1
  const app = await ExpressApp.create(world, `first-${count}`)
  let took = 0
  for (let time = 0; time < times; time += 1) took = await app.push(await app.change(await unseen(app.name)), 25)
  await world.ok(['apps:destroy', '--app', app.name, '--confirm', app.name])
  await sleep(500)
  return took
}

/** package.json under another name: the same packages, and a layer that no build has made before. */
async function unseen(name: string): Promise<Record<string, string>> {
  const files = await expressFiles('')
  const renamed = (path: 'package.json' | 'package-lock.json'): string =>
    JSON.stringify({...JSON.parse(files[path]!), name: `${name}-${process.pid}-${Date.now()}`}, undefined, 2)
  return {'package.json': renamed('package.json'), 'package-lock.json': renamed('package-lock.json')}
}

const bundle = '/etc/ssl/certs/ca-certificates.crt'

async function npmCi(bare: Bare, image: string, binds: string[]): Promise<number> {
  const files = await expressFiles('')
  const write = ['package.json', 'package-lock.json'].map(name => `printf %s "$${variable(name)}" > ${name}`)
  const container: BareContainer = {
    image,
    command: ['/bin/bash', '-ec', [...write, 'PATH=$PATH:/usr/local/heroku/node/bin', 'npm ci --no-audit --no-fund'].join('; ')],
    env: {
      ...Object.fromEntries(['package.json', 'package-lock.json'].map(name => [variable(name), files[name]!])),
      HOME: '/tmp',
      npm_config_cache: '/tmp/npm',
      ...(existsSync(bundle) && {NODE_EXTRA_CA_CERTS: '/tmp/ca'}),
      ...proxies(),
    },
    user: '0',
    binds: [...binds, ...(existsSync(bundle) ? [`${bundle}:/tmp/ca:ro`] : [])],
  }
  const began = performance.now()
  const remove = await bare.toTheEnd(container)
  const took = performance.now() - began
  await remove()
  return took
}

function variable(path: string): string {
  return path.replaceAll(/\W/g, '_')
}

function proxies(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name))) as Record<string, string>
}
