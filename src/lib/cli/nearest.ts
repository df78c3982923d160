/** The known word that is most likely meant, or undefined when none is close (more than a third of it would have to change). */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map(candidate => ({candidate, distance: distance(word, candidate)})).sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined
}

/** Insertions, deletions, replacements, and swaps of neighbours each count one. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({length: b.length + 1}, (_, at) => at)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const above = rows[i - 1] as number[]
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const best = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + cost)
      row.push(swapped ? Math.min(best, (rows[i - 2]?.[j - 2] as number) + 1) : best)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] as number
}
