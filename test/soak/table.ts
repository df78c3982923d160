import type {SoakReport} from './soak.js'

/** The report as people read it. */
export function soakTable({rows, violations, operations, requests}: SoakReport): string {
  const head = ['what', 'middle', 'end', 'value', 'bound', '']
  const lines = rows.map(row => [row.what, row.begin, row.end, row.value, row.bound, row.ok ? 'ok' : 'VIOLATED'])
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map(line => line[column]?.length ?? 0)))
  const pad = (text: string, column: number): string => text[column === 0 ? 'padEnd' : 'padStart'](widths[column] ?? 0)
  const done = Object.entries(operations).map(([kind, count]) => `${count} ${kind}`)
  return [
    ...[head, widths.map(width => '-'.repeat(width)), ...lines].map(line => line.map(pad).join('  ').trimEnd()),
    '',
    `operations: ${done.join(', ')}`,
    `requests: ${requests.sent}, of which ${requests.excused} failed during a fault`,
    `violations: ${violations.length}`,
    ...violations.map(one => `  ${one}`),
  ].join('\n')
}
