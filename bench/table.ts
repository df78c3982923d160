import type {BenchRow} from './row.js'

/** The rows as people read them, columns aligned. */
export function table(rows: BenchRow[]): string {
  const head = ['what', 'value', 'floor', 'ratio', 'limit', '']
  const lines = rows.map(row => [
    row.what,
    `${digits(row.value)} ${row.unit}`,
    row.floor === undefined ? '-' : `${digits(row.floor)} ${row.unit}`,
    row.ratio === undefined ? '-' : `${row.ratio.toFixed(2)}x`,
    row.limit,
    row.ok ? 'ok' : 'over',
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map(line => line[column]!.length)))
  const left = (column: number): boolean => column === 0 || column > 3
  const pad = (text: string, column: number): string => (left(column) ? text.padEnd(widths[column]!) : text.padStart(widths[column]!))
  return [head, widths.map(width => '-'.repeat(width)), ...lines].map(line => line.map(pad).join('  ').trimEnd()).join('\n')
}

/** Three digits that mean something. */
function digits(value: number): string {
  if (value >= 100) return String(Math.round(value))
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
