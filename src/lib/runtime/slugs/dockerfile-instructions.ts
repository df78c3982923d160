/**
 * The lines of a Dockerfile at which its instructions begin, as indexes. Undefined when that is not plain: heredocs, another escape
 * character, an instruction that does not end.
 */
export function instructionStarts(lines: readonly string[]): number[] | undefined {
  if (lines.some(line => line.includes('<<') || /^#\s*escape\s*=/i.test(line))) return undefined
  const starts: number[] = []
  let continued = false
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd()
    if (/^\s*#/.test(line) || line === '') continue
    if (!continued) starts.push(index)
    continued = line.endsWith('\\')
  }
  return continued ? undefined : starts
}
