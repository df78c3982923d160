/**
 * Lines of Node.js, from the release schedule at https://github.com/nodejs/release#release-schedule, and the npm that each line's last
 * releases carry (the registry's node packages come without one). Even lines are in long-term support from `lts` until `end`.
 */
export interface NodeLine {
  major: number
  lts: string
  end: string
  npm: string
}

export const nodeLines: readonly NodeLine[] = [
  {major: 26, lts: '2026-10-28', end: '2029-04-30', npm: '11.16.0'},
  {major: 24, lts: '2025-10-28', end: '2028-04-30', npm: '11.12.1'},
  {major: 22, lts: '2024-10-29', end: '2027-04-30', npm: '10.9.8'},
  {major: 20, lts: '2023-10-24', end: '2026-04-30', npm: '10.8.2'},
  {major: 18, lts: '2022-10-25', end: '2025-04-30', npm: '10.8.2'},
  {major: 16, lts: '2021-10-26', end: '2023-09-11', npm: '8.19.4'},
  {major: 14, lts: '2020-10-27', end: '2023-04-30', npm: '6.14.18'},
]

/** The newest line in long-term support on that day: what an app without `engines.node` gets, as on Heroku. */
export function activeLts(now: Date, lines: readonly NodeLine[] = nodeLines): number {
  const day = now.toISOString().slice(0, 10)
  return Math.max(...lines.filter(line => line.lts <= day).map(line => line.major))
}

export function endOfLife(major: number, now: Date): boolean {
  const line = nodeLines.find(candidate => candidate.major === major)
  return line === undefined ? major < 14 || major % 2 === 1 : line.end < now.toISOString().slice(0, 10)
}

/** The npm of a line; odd lines take the one of the even line before. */
export function npmOf(major: number): string {
  return (nodeLines.find(line => line.major <= major) ?? nodeLines.at(-1)!).npm
}
