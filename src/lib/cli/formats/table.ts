import {stripVTControlCharacters} from 'node:util'

/** Columns in order: header → how a row reads there. Cells may carry colour. */
export type Columns<Row> = Record<string, (row: Row) => string | number>

/** Heroku's look: two spaces before, three between columns, a rule under the header. Long cells are never cut. */
export async function renderTable<Row>(rows: readonly Row[], columns: Columns<Row>): Promise<string[]> {
  const headers = Object.keys(columns)
  const cells = rows.map(row => Object.values(columns).map(read => String(read(row))))
  const width = await widthOf([headers, ...cells])
  const widths = headers.map((header, at) => Math.max(width(header), ...cells.map(row => width(row[at] as string))))
  const line = (row: string[]): string =>
    `  ${row.map((cell, at) => cell + ' '.repeat((widths[at] as number) - width(cell))).join('   ')}`.trimEnd()
  const rule = ` ${'─'.repeat(widths.reduce((sum, one) => sum + one + 3, -3) + 2)}`
  return [line(headers), rule, ...cells.map(line)]
}

type Width = (text: string) => number

/** string-width knows wide characters; loading it is worth it only when there is one. */
async function widthOf(rows: string[][]): Promise<Width> {
  const bare: Width = text => stripVTControlCharacters(text).length
  // Latin, punctuation, box drawing: one column each.
  const simple = rows.every(row =>
    row.every(cell => /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2027\u2500-\u257f]*$/.test(stripVTControlCharacters(cell))),
  )
  return simple ? bare : (await import('string-width')).default
}
