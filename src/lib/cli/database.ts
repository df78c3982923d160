import {string as argument} from '@oclif/core/args'
import type {FullAttachment} from '../client/addons.js'
import type {Platform} from '../client/platform.js'
import {PlatformError} from '../schema/errors.js'
import {CommandError} from './command-error.js'

/** A kind of database that has its own commands. */
export interface DatabaseKind {
  service: string
  /** Config var of the one meant when none is named. */
  defaultVar: string
  /** `databases` in "demo has no heroku-postgresql databases." */
  plural: string
}

export const postgres: DatabaseKind = {service: 'heroku-postgresql', defaultVar: 'DATABASE_URL', plural: 'databases'}
export const redis: DatabaseKind = {service: 'heroku-redis', defaultVar: 'REDIS_URL', plural: 'databases'}

/** One database of an app with all names it has there. */
export interface Database {
  addon: FullAttachment['addon']
  attachments: FullAttachment[]
  /** `DATABASE_URL, HEROKU_POSTGRESQL_COBALT_URL` */
  configVars: string[]
}

/** The argument of commands that change one. */
export const redisArgs = {database: argument({description: 'config var, attachment or name of the database, REDIS_URL by default'})}

/** All of an app, the default one first. */
export async function listDatabases(platform: Platform, app: string, kind: DatabaseKind): Promise<Database[]> {
  const attachments = (await platform.addons.attachmentsFor(app)).filter(one => isOf(one, kind))
  const databases = grouped(attachments)
  const key = (database: Database): string => (database.configVars.includes(kind.defaultVar) ? '' : database.configVars.join())
  return databases.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** The one that a name means; without a name the default one, or the only one. Throws when it is not one. */
export async function findDatabase(platform: Platform, app: string, identity: string | undefined, kind: DatabaseKind): Promise<Database> {
  const all = await listDatabases(platform, app, kind)
  if (identity === undefined) return defaultOf(all, app, kind)
  const found = grouped(await resolved(platform, app, identity, all, kind))
  if (found.length === 1) return found[0] as Database
  const names = found.map(database => database.addon.name).join(', ')
  throw new CommandError(`Ambiguous identifier; multiple matching add-ons found: ${names}.`, {id: 'multiple_matches'})
}

/** Those that the argument of an info or wait command means: all when there is none. */
export async function chosenDatabases(
  platform: Platform,
  app: string,
  identity: string | undefined,
  kind: DatabaseKind,
): Promise<Database[]> {
  return identity === undefined ? await listDatabases(platform, app, kind) : [await findDatabase(platform, app, identity, kind)]
}

export function noDatabases(app: string, kind: DatabaseKind): string {
  return `${app} has no ${kind.service} ${kind.plural}.`
}

function defaultOf(all: Database[], app: string, kind: DatabaseKind): Database {
  const [first] = all
  if (first === undefined)
    throw new CommandError(noDatabases(app, kind), {id: 'not_found', suggestions: [`hokku addons:create ${kind.service} --app ${app}`]})
  if (all.length === 1 || first.configVars.includes(kind.defaultVar)) return first
  throw unknown(undefined, all)
}

async function resolved(platform: Platform, app: string, identity: string, all: Database[], kind: DatabaseKind): Promise<FullAttachment[]> {
  try {
    return await platform.addons.resolveAttachments(identity, app, kind.service)
  } catch (error) {
    if (error instanceof PlatformError && error.id === 'not_found' && error.resource !== 'app') throw unknown(identity, all)
    throw error
  }
}

function unknown(identity: string | undefined, all: Database[]): CommandError {
  const options = all.flatMap(database => database.configVars).join(', ')
  const what = identity === undefined ? 'Which database?' : `Unknown database: ${identity}.`
  return new CommandError(`${what} Valid options are: ${options || 'none, this app has no database'}`, {id: 'not_found'})
}

function grouped(attachments: FullAttachment[]): Database[] {
  const groups = new Map<string, FullAttachment[]>()
  for (const one of attachments.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    groups.set(one.addon.id, [...(groups.get(one.addon.id) ?? []), one])
  return [...groups.values()].map(own => ({
    addon: (own[0] as FullAttachment).addon,
    attachments: own,
    configVars: own.flatMap(one => one.config_vars),
  }))
}

function isOf(attachment: FullAttachment, kind: DatabaseKind): boolean {
  return attachment.addon.plan.name.startsWith(`${kind.service}:`)
}
