import {createServer} from 'node:net'

const given = new Set<number>()

/**
 * A port that nobody has and nobody in this process was given before, below those the kernel gives to outgoing connections (32768 and
 * up on Linux): one of those could be taken again before it is used, or while a runtime is away for a moment.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000)
    if (given.has(port)) continue
    given.add(port)
    if ((await Promise.all(['127.0.0.1', '::1'].map(address => isFree(port, address)))).every(Boolean)) return port
  }
}

/** Also when this machine has no such address. */
function isFree(port: number, address: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve((error as NodeJS.ErrnoException).code !== 'EADDRINUSE'))
    server.listen(port, address, () => server.close(() => resolve(true)))
  })
}
