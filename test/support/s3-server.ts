import {mkdtemp, rm} from 'node:fs/promises'
import type {Server} from 'node:http'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** A server that speaks S3's protocol and checks signatures, with one bucket. Keys are those of s3rver: S3RVER, S3RVER. */
export interface S3Server extends AsyncDisposable {
  endpoint: string
  bucket: string
  /** Where its objects are files. */
  directory: string
  close(): Promise<void>
}

/** What of s3rver is used; it has no types. */
interface Rver {
  run(): Promise<{port: number}>
  close(): Promise<void>
  httpServer: Server
}

export const s3Keys = {access: 'S3RVER', secret: 'S3RVER'}

export async function startS3(): Promise<S3Server> {
  const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => Rver
  const directory = await mkdtemp(join(tmpdir(), 'hk-s3-'))
  const bucket = 'backups'
  const rver = new S3rver({port: 0, address: '127.0.0.1', silent: true, directory, configureBuckets: [{name: bucket}]})
  const {port} = await rver.run()
  const close = async (): Promise<void> => {
    rver.httpServer.closeAllConnections()
    await rver.close().catch(() => undefined)
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    directory,
    close,
    async [Symbol.asyncDispose]() {
      await close()
      await rm(directory, {recursive: true, force: true})
    },
  }
}
