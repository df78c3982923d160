import {connect, type Socket} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

/** How often a line is sent, and how long its echo may take, in ms. */
const everyMs = 200
const patienceMs = 5000

/** Upgraded connections on which lines come back, opened again when their server says goodbye; any other end is a cut. */
export class Sessions {
  private opened = 0
  private ended = 0
  private readonly cut: string[] = []
  private going = true
  private readonly workers: Promise<void>[]

  constructor(
    private readonly port: number,
    private readonly host: string,
    count: number,
  ) {
    this.workers = Array.from({length: count}, () => this.work())
  }

  async stop(): Promise<{opened: number; ended: number; cut: string[]}> {
    this.going = false
    await Promise.all(this.workers)
    return {opened: this.opened, ended: this.ended, cut: this.cut}
  }

  private async work(): Promise<void> {
    while (this.going) {
      this.opened += 1
      const how = await this.session()
      if (how === 'bye') this.ended += 1
      else if (how !== 'over') this.cut.push(`${new Date().toISOString()} session: ${how}`)
    }
  }

  /** How it ended: `bye`, `over` when it was no longer wanted, or what went wrong. */
  private async session(): Promise<string> {
    const socket = connect(this.port, '127.0.0.1')
    let heard = ''
    let closed: string | undefined
    socket.on('data', chunk => {
      heard += chunk
    })
    socket.on('error', error => {
      closed = error.message
    })
    socket.on('close', () => {
      closed ??= 'closed without a word'
    })
    socket.write(`GET /lines HTTP/1.1\r\nHost: ${this.host}\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n`)
    try {
      return await this.talk(socket, {heard: () => heard, closed: () => closed})
    } finally {
      socket.destroy()
    }
  }

  private async talk(socket: Socket, far: {heard: () => string; closed: () => string | undefined}): Promise<string> {
    if (!(await until(() => far.heard().includes('\r\n\r\n') || far.closed() !== undefined, 75_000))) return 'not opened'
    if (!far.heard().startsWith('HTTP/1.1 101 ')) return far.heard().split('\r\n')[0] || (far.closed() ?? 'not opened')
    for (let line = 0; this.going; line += 1) {
      socket.write(`line ${line}\n`)
      const echoed = await until(
        () => /\nbye\n/.test(far.heard()) || far.heard().includes(`line ${line}\n`) || far.closed() !== undefined,
        patienceMs,
      )
      if (/\nbye\n/.test(far.heard())) return 'bye'
      if (!echoed) return `line ${line} did not come back`
      if (far.closed() !== undefined) return far.closed() as string
      await sleep(everyMs)
    }
    return 'over'
  }
}

async function until(holds: () => boolean, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; !holds(); await sleep(10)) if (Date.now() > deadline) return false
  return true
}
