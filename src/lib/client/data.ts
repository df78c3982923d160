import type {DatabaseReport} from '../schema/database-report.js'
import type {DynoSession, TerminalSize} from './dynos.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

/** What `pg:info` and `redis:info` show: named lines in order. */
export interface DatabaseInfo {
  name: string
  plan: string
  created_at: string
  /** The URL that programs on this machine connect to; null where it is attached to no app. */
  resource_url: string | null
  /** Of a follower: the name of its leader. */
  leader?: string
  info: {name: string; values: string[]}[]
}

export interface RedisSettings {
  /** `values`: what each policy does. */
  maxmemory_policy: {value: string; default: string; values: Record<string, string>}
  notify_keyspace_events: {value: string; default: string}
  /** In seconds. */
  timeout: {value: number; default: number}
}

export interface WaitStatus {
  'waiting?': boolean
  'error?': boolean
  message: string
}

export interface Credential {
  name: string
  state: string
  database: string
  host: string
  port: number
  credentials: {user: string; password: string; state: string}[]
}

export interface Console {
  /** argv in the add-on's container; the service's own shell when absent. */
  command?: string[]
  /** Size of this terminal; undefined = no terminal there. */
  tty: TerminalSize | undefined
}

/** The data APIs: databases behind `pg:*` and `redis:*`, by add-on name or id. */
export function dataResource(transport: Transport) {
  return {
    database: (addon: string) => transport.call<DatabaseInfo>('GET', path`/client/v11/databases/${addon}`),
    databaseStatus: (addon: string) => transport.call<WaitStatus>('GET', path`/client/v11/databases/${addon}/wait_status`),
    reset: (addon: string) => transport.call<unknown>('PUT', path`/client/v11/databases/${addon}/reset`, {body: {}}),
    resetStatistics: (addon: string) =>
      transport.call<{message: string}>('PUT', path`/client/v11/databases/${addon}/stats_reset`, {body: {}}),
    resetStatements: (addon: string) =>
      transport.call<{message: string}>('PUT', path`/client/v11/databases/${addon}/stats_reset?of=statements`, {body: {}}),
    /** Looks at a database now; `url`: as programs on this machine reach it. */
    diagnose: (body: {app: string; database: string; plan: string; url: string}) =>
      transport.call<DatabaseReport>('POST', '/reports', {body}),
    /** One that was made in the last month. */
    report: (id: string) => transport.call<DatabaseReport>('GET', path`/reports/${id}`),
    upgrade: (addon: string, version: string | undefined) =>
      transport.call<{message: string}>('POST', path`/client/v11/databases/${addon}/upgrade/run`, {body: {...(version && {version})}}),
    /** Makes a follower a database of its own. */
    unfollow: (addon: string) => transport.call<{message: string}>('PUT', path`/client/v11/databases/${addon}/unfollow`),
    /** Attaches the pool before it to an app; without a name it gets one. */
    attachPool: (addon: string, body: {app: string; name?: string}) =>
      transport.call<{name: string}>('POST', path`/client/v11/databases/${addon}/connection-pooling`, {body}),
    /** Ends every connection to it. */
    disconnect: (addon: string) => transport.call<unknown>('POST', path`/client/v11/databases/${addon}/connection_reset`),
    credential: (addon: string) => transport.call<Credential>('GET', path`/postgres/v0/databases/${addon}/credentials/default`),
    credentials: (addon: string) => transport.call<Credential[]>('GET', path`/postgres/v0/databases/${addon}/credentials`),
    /** New passwords; ends every connection. */
    rotateCredential: (addon: string, name: string) =>
      transport.call<unknown>('POST', path`/postgres/v0/databases/${addon}/credentials/${name}/credentials_rotation`, {body: {}}),
    rotateCredentials: (addon: string) =>
      transport.call<unknown>('POST', path`/postgres/v0/databases/${addon}/credentials_rotation`, {body: {}}),
    rotateRedis: (addon: string) => transport.call<unknown>('POST', path`/redis/v0/databases/${addon}/credentials_rotation`, {body: {}}),
    redis: (addon: string) => transport.call<DatabaseInfo>('GET', path`/redis/v0/databases/${addon}`),
    /** Changes settings of a server that serves; resolves with all of them. */
    configureRedis: (addon: string, changes: Record<string, string | number>) =>
      transport.call<RedisSettings>('PATCH', path`/redis/v0/databases/${addon}/config`, {body: changes}),
    resetRedisStatistics: (addon: string) =>
      transport.call<{message: string}>('POST', path`/redis/v0/databases/${addon}/stats/reset`, {body: {}}),
    redisStatus: (addon: string) => transport.call<WaitStatus>('GET', path`/redis/v0/databases/${addon}/wait`),
    /** Opens a console in the add-on's container. */
    console: (addon: string, request: Console) => openConsole(transport, addon, request),
  }
}

async function openConsole(transport: Transport, addon: string, request: Console): Promise<DynoSession> {
  const {secret} = await transport.call<{secret: string}>('POST', path`/runtime/addons/${addon}/exec`, {body: request})
  const stream = await transport.upgrade('GET', path`/runtime/attach/${secret}`, {headers: {upgrade: 'hokku-attach'}})
  return {
    stream,
    resize: size => transport.call('POST', path`/runtime/attach/${secret}/resize`, {body: size}),
    exitCode: async () => (await transport.call<{exit_code: number}>('GET', path`/runtime/attach/${secret}/exit`)).exit_code,
  }
}
