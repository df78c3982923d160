import type {SqlValue} from './sqlite.js'

/** Part of a list in the order of a text: at most `max` items, beginning with `from` or, when exclusive, after it. */
export interface TextRange {
  from: string | undefined
  exclusive: boolean
  order: 'asc' | 'desc'
  max: number
}

/**
 * The end of a SELECT with a WHERE, and its values: that part of its rows in the order of `column`, and one row more, which tells
 * whether the list goes on.
 */
export function textRange(column: string, {from, exclusive, order, max}: TextRange): {sql: string; values: SqlValue[]} {
  const comparison = `${order === 'desc' ? '<' : '>'}${exclusive ? '' : '='}`
  const bound = from === undefined ? '' : ` AND ${column} ${comparison} ?`
  return {
    sql: `${bound} ORDER BY ${column} ${order === 'desc' ? 'DESC' : 'ASC'} LIMIT ?`,
    values: [...(from === undefined ? [] : [from]), max + 1],
  }
}
