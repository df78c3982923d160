import type {AddressInfo, Server, Socket} from 'node:net'
import {connect, createServer, type NetConnectOpts} from 'node:net'
import {bridgeGateway} from './docker-api.js'
import {machineSocket} from './own-engine.js'

/**
 * The tests' engine as one in a VM looks to the runtime: found at an address, so that nothing is taken for granted of its network. As Docker
 * Desktop and Colima do, it leads containers that ask for the host's gateway to what listens on this machine's loopback address.
 */
export class EngineInVm implements AsyncDisposable {
  private readonly ways: Server[] = []

  private constructor(
    /** As DOCKER_HOST would name it. */
    readonly url: string,
    private readonly gateway: string,
    api: Server,
  ) {
    this.ways.push(api)
  }

  static async start(): Promise<EngineInVm> {
    const api = await way({path: machineSocket()}, {host: '127.0.0.1', port: 0})
    return new EngineInVm(`tcp://127.0.0.1:${(api.address() as AddressInfo).port}`, await bridgeGateway(), api)
  }

  /** Containers reach what listens on that port of the loopback address. */
  async leadTo(port: number): Promise<void> {
    this.ways.push(await way({host: '127.0.0.1', port}, {host: this.gateway, port}))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.ways.map(one => new Promise(resolve => one.close(resolve))))
  }
}

/** Whoever connects to `from` is connected to `to`; what one side has said to its end, the other side hears so. */
async function way(to: NetConnectOpts, from: {host: string; port: number}): Promise<Server> {
  const server = createServer({allowHalfOpen: true}, client => {
    const there = connect({...to, allowHalfOpen: true})
    const gone = (one: Socket): void => void one.destroy()
    client.on('error', () => gone(there)).on('close', () => gone(there))
    there.on('error', () => gone(client)).on('close', () => gone(client))
    client.pipe(there).pipe(client)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(from.port, from.host, resolve))
  return server
}
