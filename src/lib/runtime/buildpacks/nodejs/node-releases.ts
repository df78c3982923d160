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
  {major: 12, lts: '2019-10-21', end: '2022-04-30', npm: '6.14.16'},
  {major: 10, lts: '2018-10-30', end: '2021-04-30', npm: '6.14.12'},
  {major: 8, lts: '2017-10-31', end: '2019-12-31', npm: '6.13.4'},
  {major: 6, lts: '2016-10-18', end: '2019-04-30', npm: '3.10.10'},
  {major: 4, lts: '2015-10-12', end: '2018-04-30', npm: '2.15.11'},
]

/** The newest line in long-term support on that day: what an app without `engines.node` gets, as on Heroku. */
export function activeLts(now: Date, lines: readonly NodeLine[] = nodeLines): number {
  const day = now.toISOString().slice(0, 10)
  return Math.max(...lines.filter(line => line.lts <= day).map(line => line.major))
}

export function endOfLife(major: number, now: Date): boolean {
  const line = nodeLines.find(candidate => candidate.major === major)
  return line === undefined ? major < 4 || major % 2 === 1 : line.end < now.toISOString().slice(0, 10)
}

/** The npm of a line; odd lines take the one of the even line before. */
export function npmOf(major: number): string {
  return (nodeLines.find(line => line.major <= major) ?? nodeLines.at(-1)!).npm
}
