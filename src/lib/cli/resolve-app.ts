import {join} from 'node:path'
import {CommandError, usageError} from './command-error.js'
import type {Remote, RepositoryRemotes} from './git.js'

export interface AppQuestion {
  /** --app */
  app: string | undefined
  /** --remote */
  remote: string | undefined
  env: NodeJS.ProcessEnv
}

/** Where this runtime's repositories are: `http://127.0.0.1:5055/` and the folder of bare repositories. */
export interface GitPlaces {
  gitUrl: string
  gitDirectory: string
}

export interface AppRemote extends Remote {
  app: string
}

/** The app that flag or environment name; undefined when the repository's remotes must tell. Pure. */
export function namedApp({app, remote, env}: AppQuestion): string | undefined {
  if (app) return app
  return remote ? undefined : env['HOKKU_APP'] || env['HEROKU_APP'] || undefined
}

/** The app that the repository's remotes mean. Throws, naming the choices, when that is not one. Pure. */
export function appOfRemotes({remote}: AppQuestion, repository: RepositoryRemotes, places: GitPlaces): string {
  const found = appRemotes(repository.remotes, places)
  const wanted = remote ?? (found.length > 1 ? repository.preferred : undefined)
  if (wanted !== undefined) {
    const match = found.find(one => one.name === wanted)
    if (!match) throw new CommandError(`remote ${wanted} not found in git remotes`, {id: 'no_remote'})
    return match.app
  }
  const apps = [...new Set(found.map(one => one.app))]
  if (apps.length === 1) return apps[0] as string
  throw apps.length === 0 ? usageError(noApp) : new CommandError(severalApps(found), {id: 'several_apps'})
}

/** Those remotes that lead to an app of this runtime. */
export function appRemotes(remotes: Remote[], places: GitPlaces): AppRemote[] {
  return remotes.flatMap(remote => {
    const app = appOfUrl(remote.url, places)
    return app === undefined ? [] : [{...remote, app}]
  })
}

function appOfUrl(url: string, {gitUrl, gitDirectory}: GitPlaces): string | undefined {
  const path = url.startsWith('file://') ? url.slice('file://'.length) : url
  const base = gitUrl.endsWith('/') ? gitUrl : `${gitUrl}/`
  const bare = url.replace(/^(https?:\/\/)[^@/]*@/, '$1').replace('://localhost:', '://127.0.0.1:')
  const rest = bare.startsWith(base)
    ? bare.slice(base.length)
    : path.startsWith(join(gitDirectory, '/'))
      ? path.slice(gitDirectory.length + 1)
      : ''
  return /^([a-z][a-z0-9-]*)(\.git)?\/?$/.exec(rest)?.[1]
}

const noApp = `Missing required flag:
  -a, --app APP  app to run command against
Or set HOKKU_APP, or run this in a git repository whose remote leads to an app (hokku git:remote --app APP).`

function severalApps(found: AppRemote[]): string {
  const example = found[0] as AppRemote
  return `Multiple apps in git remotes

Usage: --remote ${example.name}
   or: --app ${example.app}
Your local git repository has more than 1 app referenced in git remotes.
Because of this, we can't determine which app you want to run this command against.
Specify the app you want with --app or --remote.

Hokku remotes in repo:
${found.map(one => `${one.app} (${one.name})`).join('\n')}`
}
