import {resolve} from 'node:path'
import type {BuildpackInstallation} from '../schema/resources.js'
import {CommandError} from './command-error.js'
import type {Ui} from './ui.js'

/** As people write them: the API's `urn:buildpack:heroku/nodejs` is `heroku/nodejs`. In their order. */
export function buildpackNames(installations: readonly BuildpackInstallation[]): string[] {
  return [...installations].sort((a, b) => a.ordinal - b.ordinal).map(({buildpack}) => buildpack.url.replace(/^urn:buildpack:/, ''))
}

/** A folder is named from where the user stands, and kept by its whole path: `./my-buildpack`. */
export function namedBuildpack(argument: string, directory: string): string {
  return /^\.{1,2}(\/|$)/.test(argument) ? resolve(directory, argument) : argument
}

/** With one more, before the one at that place (from 1) or at the end. Throws when it is there already. */
export function withBuildpack(names: readonly string[], buildpack: string, index: number | undefined): string[] {
  refuseTwice(names, buildpack)
  const at = index === undefined || index > names.length ? names.length : index - 1
  return [...names.slice(0, at), buildpack, ...names.slice(at)]
}

/** With the one at that place (from 1; the first by default) replaced, or one more where there is none. */
export function withBuildpackAt(names: readonly string[], buildpack: string, index: number | undefined): string[] {
  refuseTwice(names, buildpack)
  const at = Math.min((index ?? 1) - 1, names.length)
  return [...names.slice(0, at), buildpack, ...names.slice(at + 1)]
}

/** Without the one of that name, or at that place (from 1). Throws when there is none. */
export function withoutBuildpack(names: readonly string[], what: {buildpack?: string | undefined; index?: number | undefined}): string[] {
  const at = what.index === undefined ? names.indexOf(what.buildpack ?? '') : what.index - 1
  if (what.index !== undefined && (at < 0 || at >= names.length))
    throw new CommandError(
      names.length === 1 ? 'Invalid index. Only valid value is 1.' : `Invalid index. Please choose a value between 1 and ${names.length}`,
    )
  if (at === -1) throw new CommandError('Buildpack not found. Nothing was removed.')
  return names.filter((_name, place) => place !== at)
}

/** What Heroku's CLI says after a change. `done` is `Buildpack added`; `remote` the git remote to push to. */
export function showBuildpackChange(
  ui: Ui,
  {app, names, done, remote}: {app: string; names: string[]; done: string; remote: string},
): void {
  const next = `${done}. Next release on ${ui.out.app(app)} will`
  if (names.length === 0) {
    ui.log(`${next} detect buildpacks normally.`)
    return
  }
  ui.log(names.length === 1 ? `${next} use ${names[0]}.` : `${next} use:`)
  if (names.length > 1) for (const [at, name] of names.entries()) ui.log(`  ${at + 1}. ${name}`)
  const these = names.length === 1 ? 'this buildpack' : 'these buildpacks'
  ui.log(`Run ${ui.out.command(`git push ${remote} main`)} to create a new release using ${these}.`)
}

function refuseTwice(names: readonly string[], buildpack: string): void {
  if (names.includes(buildpack)) throw new CommandError(`The buildpack ${buildpack} is already set on your app.`)
}
