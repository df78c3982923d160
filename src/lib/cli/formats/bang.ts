/** ` ›   Error: …`, line by line. Wrapped at `columns` on a terminal; never otherwise, so that it can be searched. */
export function banged(text: string, columns: number | undefined, bang = '›'): string[] {
  const lines = text.split('\n').flatMap(line => (columns === undefined ? [line] : wrapped(line, Math.max(20, columns - 6))))
  return lines.map(line => (line === '' ? ` ${bang}` : ` ${bang}   ${line}`))
}

function wrapped(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}
