import {findDynoSize} from '../../schema/dyno-sizes.js'
import type {Formation} from '../../schema/resources.js'
import {CommandError} from '../command-error.js'

/** A line of `ps:type`; prices are what Heroku would charge. */
export interface FormationRow {
  type: string
  size: string
  quantity: number
  /** `~$0.019`; empty for Eco, whose price is flat. */
  hourly: string
  /** `$14` */
  monthly: string
}

export function formationRows(formation: readonly Formation[]): FormationRow[] {
  return byType(formation).map(({type, size, quantity}) => {
    const cents = size === 'Eco' ? 0 : (findDynoSize(size)?.centsPerMonth ?? 0)
    const hourly = cents === 0 ? '' : `~$${((cents / 100 / 720) * (quantity || 1)).toFixed(3)}`
    return {type, size, quantity, hourly, monthly: cents === 0 ? '' : `$${(cents / 100) * quantity}`}
  })
}

/** How many dynos of each size. */
export function dynoTotals(formation: readonly Formation[]): {size: string; total: number}[] {
  const sizes = [...new Set(byType(formation).map(({size}) => size))]
  const total = (size: string): number => formation.filter(one => one.size === size).reduce((sum, one) => sum + one.quantity, 0)
  return sizes.map(size => ({size, total: total(size)}))
}

/** `web=2:Basic worker=1:Standard-1X`, as ps:scale reads it back. */
export function formationLine(formation: readonly Formation[]): string {
  return formation
    .map(({type, quantity, size}) => `${type}=${quantity}:${size}`)
    .sort()
    .join(' ')
}

export function noProcessTypes(app: string): CommandError {
  return new CommandError(`No process types on ${app}.\nUpload a Procfile to add process types.`, {
    suggestions: ['add a Procfile such as `web: npm start`, commit it and push'],
  })
}

function byType(formation: readonly Formation[]): Formation[] {
  return [...formation].sort((a, b) => (a.type < b.type ? -1 : 1))
}
