import {createHash} from 'node:crypto'
import type {ContainerSpec} from './engine.js'

/** The value of `hokku.spec`: equal for equal specs, whatever the order of their keys. */
export function specHash(spec: ContainerSpec): string {
  return createHash('sha256').update(canonical(spec)).digest('hex').slice(0, 32)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const pairs = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`
}
