import type {Context} from 'hono'
import {PlatformError} from '../../schema/errors.js'
import type {ApiEnv} from './services.js'

/** A `Range` header as the Platform API has it: `version 1..20; max=15, order=desc`. */
export interface Range {
  field: string
  from: string | undefined
  /** `]` before the value: begin after it. */
  exclusive: boolean
  to: string | undefined
  order: 'asc' | 'desc'
  max: number
}

/** Reads the header; without one `field`, ascending, 200 at a time, as Heroku does. Throws range_not_satisfiable. */
export function readRange(c: Context<ApiEnv>, field: string): Range {
  const header = c.req.header('range')?.trim()
  const range: Range = {field, from: undefined, exclusive: false, to: undefined, order: 'asc', max: 200}
  if (header === undefined || header === '') return range
  const match = /^([\w-]+)(?:\s+(\]?)([^;]*?)\.\.([^;]*?))?\s*(?:;\s*(.*))?$/.exec(header)
  if (match === null)
    throw new PlatformError('range_not_satisfiable', `The range ${header} cannot be read. Example: version 1..; max=10, order=desc`)
  const [, name, exclusive, from, to, options] = match
  for (const option of (options ?? '').split(/[,;]/)) {
    const [key, value] = option.trim().split('=')
    if (key === 'order' && (value === 'asc' || value === 'desc')) range.order = value
    if (key === 'max' && /^\d+$/.test(value ?? '')) range.max = Math.min(Math.max(Number(value), 1), 1000)
  }
  return {...range, field: name as string, exclusive: exclusive === ']', from: from || undefined, to: to || undefined}
}

/** Answers with one page of a short list that is in memory: sorted by `key`, cut to the range, `Next-Range` when there is more. */
export function page<T>(c: Context<ApiEnv>, items: T[], field: string, key: (item: T) => string): Response {
  const range = readRange(c, field)
  const sorted = [...items].sort((a, b) => compare(key(a), key(b)))
  if (range.order === 'desc') sorted.reverse()
  const start = range.from === undefined ? sorted : sorted.filter(item => inside(key(item), range))
  return respond(c, start.slice(0, range.max), start.length > range.max, range, key)
}

/** Answers with a page that was read already; `more`: whether there is another one. */
export function respond<T>(
  c: Context<ApiEnv>,
  items: T[],
  more: boolean,
  range: Range,
  key: (item: T) => string,
  show: (item: T) => unknown = item => item,
): Response {
  c.header('Accept-Ranges', range.field)
  const last = items.at(-1)
  const first = items.at(0)
  if (first !== undefined && last !== undefined) c.header('Content-Range', `${range.field} ${key(first)}..${key(last)}`)
  const shown = items.map(show)
  if (!more || last === undefined) return c.json(shown)
  c.header('Next-Range', `${range.field} ]${key(last)}..; max=${range.max}${range.order === 'desc' ? ', order=desc' : ''}`)
  return c.json(shown, 206)
}

function inside(value: string, range: Range): boolean {
  const order = compare(value, range.from as string) * (range.order === 'desc' ? -1 : 1)
  return range.exclusive ? order > 0 : order >= 0
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
