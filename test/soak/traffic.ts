import {Agent, request} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'

/** A time in which requests may fail, because something was broken on purpose. Without an app: all of them. */
export interface FaultWindow {
  because: string
  app?: string
  from: number
  until: number
}

interface Failure {
  app: string
  from: number
  until: number
  what: string
}

const pauseMs = 50
const patienceMs = 30_000

/** Requests to every app all the time: short ones on kept connections, and slow ones, which a dyno that is replaced has to finish. */
export class Traffic {
  sent = 0
  readonly windows: FaultWindow[] = []
  private readonly failures: Failure[] = []
  private readonly agent = new Agent({keepAlive: true})
  private going = true
  private readonly clients: Promise<void>[] = []

  constructor(private readonly port: number) {}

  /** `expected` begins every answer of that app. */
  add(app: string, paths: string[], expected: string): void {
    this.clients.push(...paths.map(path => this.client(app, path, expected)))
  }

  /** What happens during `act` to that app's requests is its doing. */
  async fault<T>(because: string, app: string | undefined, act: () => Promise<T>): Promise<T> {
    const window: FaultWindow = {because, ...(app !== undefined && {app}), from: Date.now(), until: Number.POSITIVE_INFINITY}
    this.windows.push(window)
    try {
      return await act()
    } finally {
      window.until = Date.now()
    }
  }

  /** Failed requests that no fault explains, in words, and the number of those that one does. */
  counted(): {failed: string[]; excused: number} {
    const unexplained = this.failures.filter(failure => !this.windows.some(window => explains(window, failure)))
    const failed = unexplained.map(({app, from, what}) => `${new Date(from).toISOString()} ${app}: ${what}`)
    return {failed, excused: this.failures.length - unexplained.length}
  }

  async stop(): Promise<void> {
    this.going = false
    await Promise.all(this.clients)
    this.agent.destroy()
  }

  private async client(app: string, path: string, expected: string): Promise<void> {
    while (this.going) {
      const from = Date.now()
      const {status, body} = await this.ask(app, path).catch(error => ({status: 0, body: String(error)}))
      this.sent += 1
      const good = status === 200 && body.startsWith(expected)
      if (!good) this.failures.push({app, from, until: Date.now(), what: `${path} ${status} ${body.slice(0, 120)}`})
      await sleep(pauseMs)
    }
  }

  private ask(app: string, path: string): Promise<{status: number; body: string}> {
    return new Promise((resolve, reject) => {
      const headers = {Host: `${app}.localhost`}
      const sent = request({port: this.port, host: '127.0.0.1', path, headers, agent: this.agent, timeout: patienceMs}, answer => {
        let body = ''
        answer.setEncoding('utf8')
        answer.on('data', chunk => {
          body += chunk
        })
        answer.on('end', () => resolve({status: answer.statusCode ?? 0, body}))
        answer.on('error', reject)
      })
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs / 1000} s`)))
      sent.on('error', reject)
      sent.end()
    })
  }
}

function explains(window: FaultWindow, failure: Failure): boolean {
  return (window.app ?? failure.app) === failure.app && window.from <= failure.until && failure.from <= window.until
}
