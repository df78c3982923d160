import {setTimeout as sleep} from 'node:timers/promises'
import type {Bench} from './bench.js'
import {expressFiles} from './express-app.js'
import {medians} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** A push that changes code only, until the new release answers, against a bare rebuild of an equal app and a bare start of it. */
export async function pushRows(bench: Bench): Promise<BenchRow[]> {
  const {app} = await bench.app()
  const {bare} = bench
  const {slug, run} = await app.images(bare)
  const dependencies = await bare.keep(slug, 'dependencies')
  const dockerfile = `FROM ${run}\nCOPY --from=${dependencies} /app/node_modules /app/node_modules\nCOPY --chown=1000:1000 app/ /app/\n`
  let count = 0
  const rebuild = async (): Promise<number> => {
    count += 1
    const files = Object.entries(await expressFiles(`bare-${count}`)).map(([name, text]) => [`app/${name}`, text])
    const began = performance.now()
    const image = await bare.build('app', {Dockerfile: dockerfile, ...Object.fromEntries(files)})
    const remove = await bare.listening({image, command: nodeServer, user: '1000'})
    const took = performance.now() - began
    await remove()
    return took
  }
  await rebuild()
  const found = await medians(bench.rounds, {
    push: async () => {
      const took = await app.push(await app.change())
      await app.settled(1)
      await sleep(500)
      return took
    },
    bare: rebuild,
  })
  return [
    atMost(1.5, {
      what: 'code-only git push until the new release answers (floor: bare rebuild and start)',
      value: found.push,
      floor: found.bare,
      unit: 'ms',
    }),
  ]
}

/** The app's command as a bare container runs it: no launcher, no shell. */
export const nodeServer = ['/usr/local/heroku/node/bin/node', 'server.js']
