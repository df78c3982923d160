import {connect, type NetConnectOpts} from 'node:net'

/** Whether a connection can be made there: `{path}` of a unix socket, or `{host, port}`. */
export function isListening(where: NetConnectOpts): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(where)
    const tell = (listening: boolean): void => {
      probe.destroy()
      resolve(listening)
    }
    probe.once('connect', () => tell(true)).once('error', () => tell(false))
  })
}
