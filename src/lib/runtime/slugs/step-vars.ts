import type {ConfigVars} from '../../schema/resources.js'
import type {BuildStep} from '../buildpacks/buildpack.js'
import {quoted} from '../buildpacks/shell.js'

/** Never exported to a build: heroku/nodejs' and the other buildpacks' own list. */
const neverExported = new Set(['PATH', 'GIT_DIR', 'CPATH', 'CPPATH', 'LD_PRELOAD', 'LIBRARY_PATH', 'LANG', 'BUILD_DIR'])

/** The config vars that a step sees. A step that names SOURCE_VERSION, as `*` does, sees the commit as well. */
export function varsOf(step: Pick<BuildStep, 'configVars'>, configVars: ConfigVars, sourceVersion: string | undefined): ConfigVars {
  const commit: ConfigVars = sourceVersion === undefined ? {} : {SOURCE_VERSION: sourceVersion}
  const seen = Object.entries({...commit, ...configVars}).filter(
    ([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !neverExported.has(name) && step.configVars.some(pattern => fits(name, pattern)),
  )
  return Object.fromEntries(seen.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** All config vars that a build may see, and the commit. */
export function allVars(configVars: ConfigVars, sourceVersion: string | undefined): ConfigVars {
  return varsOf({configVars: ['*']}, configVars, sourceVersion)
}

/** A file for `.`: `export NAME='value'` lines. What bash lets nobody set is left out. */
export function shellExports(vars: ConfigVars): string {
  return Object.entries(vars)
    .filter(([name]) => !readOnly.has(name))
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('')
}

/** A file for `.` that writes the ENV_DIR of a classic buildpack, `/tmp/env`. The commit is no config var: it is exported. */
export function shellFiles(vars: ConfigVars): string {
  const lines = Object.entries(vars).map(([name, value]) =>
    name === 'SOURCE_VERSION' ? `export ${name}=${quoted(value)}` : `(umask 077; printf %s ${quoted(value)} > /tmp/env/${name})`,
  )
  return lines.length === 0 ? '' : `${['mkdir -p /tmp/env', ...lines].join('\n')}\n`
}

/** Bash's own: a step that tried to set one would end there. */
const readOnly = new Set(['BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'SHELLOPTS', 'UID'])

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
