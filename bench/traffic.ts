import {Agent, request} from 'node:http'

/** Requests without pause, on connections that are kept and on new ones; whatever is not answered with 200 is remembered. */
export class Traffic {
  sent = 0
  private readonly failures: string[] = []
  private going = true
  private readonly agent = new Agent({keepAlive: true})
  private readonly workers: Promise<void>[]

  constructor(
    private readonly port: number,
    private readonly host: string,
    {keptAlive, fresh}: {keptAlive: number; fresh: number},
  ) {
    const each = (count: number, agent: Agent | false): Promise<void>[] => Array.from({length: count}, () => this.work(agent))
    this.workers = [...each(keptAlive, this.agent), ...each(fresh, false)]
  }

  async stop(): Promise<{sent: number; failures: string[]}> {
    this.going = false
    await Promise.all(this.workers)
    this.agent.destroy()
    return {sent: this.sent, failures: this.failures}
  }

  private async work(agent: Agent | false): Promise<void> {
    while (this.going) {
      const outcome = await this.ask(agent)
      this.sent += 1
      if (outcome !== '200 here')
        this.failures.push(`${new Date().toISOString()} ${agent === false ? 'new connection' : 'kept'}: ${outcome}`)
    }
  }

  private ask(agent: Agent | false): Promise<string> {
    return new Promise(resolve => {
      const asked = request({port: this.port, host: '127.0.0.1', headers: {Host: this.host}, agent, timeout: 60_000}, response => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', chunk => {
          body += chunk
        })
        response.on('end', () => resolve(`${response.statusCode} ${body.slice(0, 100)}`))
        response.on('error', error => resolve(`${response.statusCode} ${error.message}`))
      })
      asked.on('timeout', () => asked.destroy(new Error('no answer in 60 s')))
      // A kept connection may be closed by its server at the moment it is used again: clients ask once more, as RFC 9112 (9.3.1) has it.
      asked.on('error', (error: NodeJS.ErrnoException) =>
        asked.reusedSocket && error.code === 'ECONNRESET' && agent !== false
          ? resolve(this.ask(false))
          : resolve(`${error.code} ${error.message}`),
      )
      asked.end()
    })
  }
}
