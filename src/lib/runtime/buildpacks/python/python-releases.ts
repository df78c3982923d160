/** A line of CPython, and the Debian release whose packages have it. Heroku's lines without one here: 3.12, 3.10. */
export interface PythonLine {
  /** `3.14` */
  line: string
  suite: string
  /** Undefined where the release still moves: it is asked. */
  version: string | undefined
  /** Libraries that the stack has in another version or not at all, from the same release. */
  libraries: string[]
  /** Its last day with security fixes, https://devguide.python.org/versions */
  end: string
}

/** Newest first. */
export const pythonLines: readonly PythonLine[] = [
  {line: '3.15', suite: 'forky', version: undefined, libraries: ['libexpat1'], end: '2031-10-31'},
  {line: '3.14', suite: 'forky', version: undefined, libraries: ['libexpat1'], end: '2030-10-31'},
  {line: '3.13', suite: 'trixie', version: '3.13.5', libraries: [], end: '2029-10-31'},
  {line: '3.11', suite: 'bookworm', version: '3.11.2', libraries: [], end: '2027-10-31'},
  {line: '3.9', suite: 'bullseye', version: '3.9.2', libraries: ['libssl1.1', 'libffi7', 'libmpdec3'], end: '2025-10-31'},
]

/** What heroku/python gives an app that names no version. */
export const defaultLine = '3.14'

/** The versions that heroku/python installs; undefined: the newest that still runs on a line that they have left. */
const managers = {pip: '26.2.1', pipenv: '2026.7.1', poetry: '2.4.1', uv: '0.12.5'}

export function managerVersion(name: keyof typeof managers, line: string): string | undefined {
  return name !== 'uv' && minorOf(line) < 10 ? undefined : managers[name]
}

/** heroku/python puts setuptools beside pip up to 3.12. */
export function setuptoolsVersion(line: string): string | undefined {
  return minorOf(line) <= 12 ? '70.3.0' : undefined
}

export function minorOf(version: string): number {
  return Number(version.split('.')[1])
}
