import {PassThrough, type Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import type {S3Client} from '@aws-sdk/client-s3'
import {counted} from '../support/sealed-files.js'
import {openStream, sealStream} from '../support/sealed-stream.js'
import type {BackupFiles} from './backup-stores.js'

export interface S3Bucket {
  /** `https://minio.example.com:9000`; undefined: Amazon's. */
  endpoint?: string
  bucket: string
  /** Without slashes at its ends. */
  prefix: string
  region?: string
  keys: {access: string; secret: string}
}

/** Bytes of a part; S3 takes 10,000 of them, so 160 GB. Two are in memory at a time. */
const partSize = 16 * 1024 * 1024

/** Dumps in a bucket of any server that speaks S3's protocol, encrypted before they leave this machine. An object is there whole or not at all. */
export class S3Files implements BackupFiles {
  private client: Promise<S3Client> | undefined

  constructor(
    private readonly where: S3Bucket,
    /** 32 bytes. */
    private readonly key: Buffer,
  ) {}

  async write(id: string, dump: Readable, {onBytes, signal}: {onBytes: (bytes: number) => void; signal: AbortSignal}): Promise<void> {
    const client = await this.connected()
    const {Upload} = await import('@aws-sdk/lib-storage')
    const body = new PassThrough()
    const sending = pipeline(dump, counted(onBytes), sealStream(this.key, id), body, {signal})
    const upload = new Upload({client, params: {...this.object(id), Body: body}, partSize, queueSize: 2})
    try {
      await Promise.all([sending, upload.done()])
    } catch (error) {
      // What has come of it takes room, and nobody sees it.
      await upload.abort().catch(() => undefined)
      body.destroy()
      signal.throwIfAborted()
      throw error
    }
  }

  /** A finished upload counts. */
  async keep(): Promise<void> {}

  read(id: string): Readable {
    const clear = openStream(this.key, id)
    const reading = async (): Promise<void> => {
      const {GetObjectCommand} = await import('@aws-sdk/client-s3')
      const {Body: body} = await (await this.connected()).send(new GetObjectCommand(this.object(id)))
      await pipeline(body as Readable, clear)
    }
    void reading().catch(error => clear.destroy(error as Error))
    return clear
  }

  async remove(id: string): Promise<void> {
    const {DeleteObjectCommand} = await import('@aws-sdk/client-s3')
    await (await this.connected()).send(new DeleteObjectCommand(this.object(id)))
  }

  private connected(): Promise<S3Client> {
    this.client ??= connect(this.where)
    return this.client
  }

  private object(id: string): {Bucket: string; Key: string} {
    return {Bucket: this.where.bucket, Key: `${this.where.prefix}/${id}.dump`}
  }
}

async function connect({endpoint, region = 'us-east-1', keys}: S3Bucket): Promise<S3Client> {
  const {S3Client: Client} = await import('@aws-sdk/client-s3')
  return new Client({
    ...(endpoint !== undefined && {endpoint}),
    region,
    credentials: {accessKeyId: keys.access, secretAccessKey: keys.secret},
    // Servers other than Amazon's seldom have a name for each bucket, and know older checksums only.
    forcePathStyle: endpoint !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}
