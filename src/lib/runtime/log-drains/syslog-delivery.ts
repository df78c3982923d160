import {connect, isIP, type Socket} from 'node:net'
import {connect as connectEncrypted} from 'node:tls'
import type {Carrier, Delivery} from './delivery.js'

/** To connect, or to take a batch, a receiver has this long, in ms. */
const patience = 10_000

/** Writes to a connection that stays open. Syslog knows no acknowledgement: taken is what the connection took. */
export class SyslogCarrier implements Carrier {
  readonly pause = 100
  private readonly url: URL
  private socket: Socket | undefined

  constructor(
    url: string,
    readonly host: string,
  ) {
    this.url = new URL(url)
  }

  async send({frames}: Delivery, signal: AbortSignal): Promise<void> {
    const socket = await this.connected(signal)
    await new Promise<void>((resolve, reject) => {
      const failed = (error?: Error): void => reject(error ?? new Error('it closed the connection'))
      const closed = (): void => failed()
      const timer = setTimeout(() => socket.destroy(new Error(`it took nothing for ${patience / 1000} s`)), patience)
      const abort = (): void => void socket.destroy()
      signal.addEventListener('abort', abort, {once: true})
      socket.once('close', closed)
      socket.write(Buffer.concat(frames), error => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        socket.off('close', closed)
        if (error) failed(error)
        else resolve()
      })
    })
  }

  close(): void {
    this.socket?.destroy()
  }

  private async connected(signal: AbortSignal): Promise<Socket> {
    if (this.socket !== undefined && !this.socket.destroyed && this.socket.writable) return this.socket
    this.socket = await this.connect(signal)
    return this.socket
  }

  private connect(signal: AbortSignal): Promise<Socket> {
    const host = this.url.hostname.replace(/^\[|\]$/g, '')
    const to = {host, port: Number(this.url.port)}
    return new Promise((resolve, reject) => {
      const secure = this.url.protocol === 'syslog+tls:'
      const socket = secure ? connectEncrypted({...to, ...(isIP(host) === 0 && {servername: host})}) : connect(to)
      const timer = setTimeout(() => socket.destroy(new Error(`it did not answer within ${patience / 1000} s`)), patience)
      const abort = (): void => void socket.destroy(new Error('aborted'))
      if (signal.aborted) abort()
      signal.addEventListener('abort', abort, {once: true})
      const settled = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
      }
      socket.once('error', error => {
        settled()
        reject(error)
      })
      // What the receiver says is of no interest; when it hangs up, the next batch connects anew.
      socket.resume().once('end', () => socket.destroy())
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        settled()
        socket.on('error', () => undefined).setKeepAlive(true, 30_000)
        resolve(socket)
      })
    })
  }
}
