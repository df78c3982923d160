import type {Duplex} from 'node:stream'
import type {Dyno} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface DynoRequest {
  command: string
  attach: boolean
  env: Record<string, string>
  size?: string
  type?: string
  /** A pushed image of that process type. */
  docker_image?: string
  force_no_tty?: boolean
}

/** One dyno, all of one process type, or all of the app. */
export interface DynoChoice {
  dyno?: string
  type?: string
}

export interface TerminalSize {
  columns: number
  rows: number
}

/** The far end of an attached dyno. */
export interface DynoSession {
  /** Raw bytes both ways; ends when the dyno does, and ending our side is the end of its stdin. */
  stream: Duplex
  resize(size: TerminalSize): Promise<void>
  /** To be asked once the stream has ended. */
  exitCode(): Promise<number>
}

export function dynosResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<Dyno>(path`/apps/${app}/dynos`),
    create: (app: string, request: DynoRequest) => transport.call<Dyno>('POST', path`/apps/${app}/dynos`, {body: request}),
    /** Starts a command in a dyno that runs already. */
    runInside: (app: string, dyno: string, request: Pick<DynoRequest, 'command' | 'env' | 'force_no_tty'>) =>
      transport.call<Dyno>('POST', path`/apps/${app}/dynos/${dyno}`, {body: request}),
    restart: (app: string, what: DynoChoice) => transport.call<unknown>('DELETE', target(app, what)),
    stop: (app: string, what: DynoChoice) => transport.call<unknown>('POST', `${target(app, what)}/actions/stop`),
    /** A file of a dyno, still arriving. */
    file: (app: string, dyno: string, file: string) => transport.stream('GET', path`/apps/${app}/dynos/${dyno}/file?path=${file}`),
    /** A connection to a port of a dyno. */
    forward: async (app: string, dyno: string, port: number): Promise<Duplex> => {
      const {secret} = await transport.call<{secret: string}>('POST', path`/apps/${app}/dynos/${dyno}/forward`, {body: {port}})
      return await transport.upgrade('GET', path`/runtime/attach/${secret}`, {headers: {upgrade: 'hokku-attach'}})
    },
    /** Takes our end of a dyno that was made with `attach`. */
    attach: (dyno: Dyno): Promise<DynoSession> => attach(transport, dyno),
  }
}

function target(app: string, {dyno, type}: DynoChoice): string {
  if (type !== undefined) return path`/apps/${app}/formations/${type}`
  return dyno === undefined ? path`/apps/${app}/dynos` : path`/apps/${app}/dynos/${dyno}`
}

async function attach(transport: Transport, dyno: Dyno): Promise<DynoSession> {
  if (dyno.attach_url === null) throw new Error(`${dyno.name} was not started to be attached.`)
  const secret = new URL(dyno.attach_url).pathname.slice(1)
  const stream = await transport.upgrade('GET', path`/runtime/attach/${secret}`, {headers: {upgrade: 'hokku-attach'}})
  return {
    stream,
    resize: size => transport.call('POST', path`/runtime/attach/${secret}/resize`, {body: size}),
    exitCode: async () => (await transport.call<{exit_code: number}>('GET', path`/runtime/attach/${secret}/exit`)).exit_code,
  }
}
