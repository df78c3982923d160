import {randomBytes} from 'node:crypto'
import {parseAppJson} from '../../schema/app-json.js'
import type {AppJson} from '../../schema/app-json-schema.js'
import {findDynoSize} from '../../schema/dyno-sizes.js'
import {parseHerokuYml} from '../../schema/heroku-yml.js'

/** What an app setup will do, decided before anything is done. */
export interface SetupPlan {
  configVars: Record<string, string>
  addons: {plan: string; as?: string; options?: Record<string, string>}[]
  buildpacks: string[]
  stack: string | undefined
  formation: {type: string; quantity?: number; size?: string}[]
  postdeploy: {command: string; size?: string} | undefined
  successUrl: string | undefined
}

export interface Overrides {
  env: Record<string, string>
  buildpacks: string[]
}

/** The files of a source that say how its app is set up; undefined: there is none, which is fine. */
export interface SetupFiles {
  appJson: string | undefined
  /** Counts on the container stack only. */
  herokuYml?: string | undefined
  /** Of the app as it was made. */
  stack?: string
}

/** Reads the files and decides. `errors` names every problem at once. */
export function planSetup({appJson, herokuYml, stack}: SetupFiles, overrides: Overrides): {plan: SetupPlan; errors: string[]} {
  const read = parseAppJson(appJson ?? '{}')
  const manifest = read.appJson ?? {}
  const onContainers = (manifest.stack ?? stack) === 'container'
  const images = parseHerokuYml((onContainers && herokuYml) || '')
  const {addons = [], config = {}} = images.herokuYml?.setup ?? {}
  const env = configVarsOf(manifest, overrides.env)
  const formation = Object.entries(manifest.formation ?? {}).map(([type, wanted]) => ({type, ...wanted}))
  const sizes = formation.filter(one => one.size !== undefined && findDynoSize(one.size) === undefined)
  return {
    plan: {
      configVars: {...config, ...env.values},
      addons: [...(manifest.addons ?? []), ...addons].map(addon => ({
        plan: addon.plan,
        ...(addon.as && {as: addon.as}),
        ...(addon.options && {options: addon.options}),
      })),
      buildpacks: overrides.buildpacks.length > 0 ? overrides.buildpacks : (manifest.buildpacks ?? []).map(buildpack => buildpack.url),
      stack: manifest.stack,
      formation: formation as SetupPlan['formation'],
      postdeploy: manifest.scripts?.['postdeploy'] as SetupPlan['postdeploy'],
      successUrl: manifest.success_url,
    },
    errors: [
      ...read.problems,
      ...images.problems,
      ...env.errors,
      ...sizes.map(one => `formation.${one.type}.size: no such dyno size as ${one.size}`),
    ],
  }
}

/** Given values win, then generated secrets, then defaults; a required one without any is an error. */
function configVarsOf(manifest: AppJson, given: Record<string, string>): {values: Record<string, string>; errors: string[]} {
  const values: Record<string, string> = {}
  const errors: string[] = []
  for (const [name, entry] of Object.entries(manifest.env ?? {})) {
    const value = given[name] ?? (entry.generator === 'secret' ? randomBytes(32).toString('hex') : entry.value)
    if (value !== undefined && value !== '') values[name] = value
    else if (value === '' && given[name] === '') values[name] = ''
    else if (entry.required !== false) errors.push(`config var ${name} is required`)
  }
  return {values: {...values, ...given}, errors}
}
