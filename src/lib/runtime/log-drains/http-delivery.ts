import {type ClientRequest, request as plain} from 'node:http'
import {request as encrypted} from 'node:https'
import type {Carrier, Delivery} from './delivery.js'

/** An answer must come within this, in ms. */
const patience = 10_000

/** Posts batches as logplex does (`application/logplex-1`). The same frame id twice means the same messages. */
export class HttpCarrier implements Carrier {
  readonly host = 'host'
  readonly pause = 1000
  private readonly url: URL

  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.url = new URL(url)
  }

  async send({frames, id}: Delivery, signal: AbortSignal): Promise<void> {
    const body = Buffer.concat(frames)
    const status = await this.post(body, {...this.headers(frames.length, id), 'Content-Length': body.length}, signal)
    if (status < 200 || status > 299) throw new Error(`it answered ${status}`)
  }

  close(): void {
    // Every request has its connection.
  }

  private headers(count: number, id: string): Record<string, string | number> {
    return {
      'Content-Type': 'application/logplex-1',
      'Logplex-Msg-Count': count,
      'Logplex-Frame-Id': id,
      'Logplex-Drain-Token': this.token,
      'User-Agent': 'Logplex/v49',
    }
  }

  private post(body: Buffer, headers: Record<string, string | number>, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const send = this.url.protocol === 'https:' ? encrypted : plain
      const sent: ClientRequest = send(this.url, {method: 'POST', headers, timeout: patience, signal, agent: false}, answer => {
        answer.on('error', reject).on('end', () => resolve(answer.statusCode ?? 0))
        answer.resume()
      })
      sent.on('timeout', () => sent.destroy(new Error(`it did not answer within ${patience / 1000} s`)))
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
