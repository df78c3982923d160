import {stampLength} from '../logplex/line-format.js'

/** A number that a line of a log holds. */
export interface Measurement {
  /** `router.service`, `db.latency` */
  name: string
  /** Counts are added up, of the others it is looked at how they spread. */
  kind: 'count' | 'measure' | 'sample'
  value: number
  /** `ms`, `MB`; empty without. */
  unit: string
}

/** Whether a line may hold any, told quickly. */
export function mayMeasure(line: string): boolean {
  return line.startsWith('heroku[', stampLength + 1) || /(count|measure|sample)#/.test(line)
}

/**
 * What a line says: of a request what the router measured, of a dyno which state it came to and what its errors are, and what is written as
 * l2met has it (`measure#db.latency=12.5ms source=worker`), by whomever.
 */
export function measurementsOf(line: string): Measurement[] {
  const said = line.slice(stampLength + 1)
  if (said.startsWith('heroku[router]: ')) return routed(said)
  const state = /^heroku\[[\w.-]+\]: State changed from \S+ to (\w+)/.exec(said)?.[1]
  if (state !== undefined) return [count(`dyno.state.${state}`)]
  const error = /^heroku\[[\w.-]+\]: Error ([RL]\d+)/.exec(said)?.[1]
  return error === undefined ? annotated(said) : [count(`dyno.errors.${error}`)]
}

function routed(said: string): Measurement[] {
  const field = (name: string): string | undefined => new RegExp(` ${name}=([^\\s"]+)`).exec(said)?.[1]
  const status = field('status')
  const code = field('code')
  const times = (['service', 'connect'] as const).flatMap(name => {
    const value = Number.parseInt(field(name) ?? '', 10)
    return Number.isNaN(value) ? [] : [{name: `router.${name}`, kind: 'measure' as const, value, unit: 'ms'}]
  })
  return [
    ...times,
    ...(status === undefined ? [] : [count(`router.status.${status[0]}xx`)]),
    ...(code === undefined ? [] : [count(`router.error.${code}`)]),
  ]
}

const annotation = /(?:^|\s)(count|measure|sample)#([\w.:-]+)=(-?\d+(?:\.\d+)?)([A-Za-z%]*)/g

function annotated(said: string): Measurement[] {
  return [...said.matchAll(annotation)].map(([, kind, name, value, unit]) => ({
    kind: kind as Measurement['kind'],
    name: name as string,
    value: Number(value),
    unit: unit ?? '',
  }))
}

function count(name: string): Measurement {
  return {name, kind: 'count', value: 1, unit: ''}
}
