// `ACTION PREFIX [WORD]` with the AWS SDK: the bucket of the attachment.

import {createHash, randomBytes} from 'node:crypto'
import {once} from 'node:events'
import {connect} from 'node:net'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {Upload} from '@aws-sdk/lib-storage'
import {getSignedUrl} from '@aws-sdk/s3-request-presigner'

const [action, prefix, word] = process.argv.slice(2)
const vars = new Proxy({}, {get: (_, name) => process.env[`${prefix}_${name}`]})
const Bucket = vars.BUCKET_NAME
const client = (credentials = {}, options = {}) =>
  new S3Client({
    region: vars.AWS_REGION,
    endpoint: vars.AWS_ENDPOINT_URL_S3,
    credentials: {accessKeyId: vars.AWS_ACCESS_KEY_ID, secretAccessKey: vars.AWS_SECRET_ACCESS_KEY, ...credentials},
    ...options,
  })
const s3 = client()
const digest = data => createHash('sha256').update(data).digest('hex')
const expectSame = (what, given, wanted) => {
  if (given !== wanted) throw new Error(`failure: ${what} is ${given}, not ${wanted}`)
}
const statusOf = async answering =>
  await answering.then(
    ({status}) => status ?? 'let in',
    error => error.$metadata?.httpStatusCode ?? error.message,
  )

/** In twelve parts, by which the SDK also asks of the bucket as a host name. */
async function uploadInParts() {
  const data = randomBytes(12 * 5 * 1024 * 1024 - 7)
  const upload = new Upload({
    client: s3,
    params: {Bucket, Key: 'large/of parts+ü', Body: data, ContentType: 'video/x'},
    partSize: 5 * 1024 * 1024,
  })
  const {ETag} = await upload.done()
  if (!/-12"$/.test(ETag)) throw new Error(`failure: ${ETag} is no ETag of twelve parts`)
  const found = await s3.send(new GetObjectCommand({Bucket, Key: 'large/of parts+ü'}))
  expectSame('content type', found.ContentType, 'video/x')
  expectSame('upload', digest(await found.Body.transformToByteArray()), digest(data))
  const middle = await s3.send(new GetObjectCommand({Bucket, Key: 'large/of parts+ü', Range: 'bytes=100-199'}))
  expectSame('range', digest(await middle.Body.transformToByteArray()), digest(data.subarray(100, 200)))
  await s3.send(new DeleteObjectCommand({Bucket, Key: 'large/of parts+ü'}))
}

/** URLs that whoever has them may use: to get, and to put. */
async function useSignedUrls() {
  const put = await getSignedUrl(s3, new PutObjectCommand({Bucket, Key: 'signed'}), {expiresIn: 60})
  expectSame('signed PUT', (await fetch(put, {method: 'PUT', body: 'by URL'})).status, 200)
  const get = await getSignedUrl(s3, new GetObjectCommand({Bucket, Key: 'signed'}), {expiresIn: 60})
  expectSame('signed GET', await (await fetch(get)).text(), 'by URL')
  await s3.send(new DeleteObjectCommand({Bucket, Key: 'signed'}))
}

/** In objects of 10 MB until there is no room: how many there was room for, and what was said to the next one, in parts and as a copy. */
async function fill() {
  const Body = Buffer.alloc(10 * 1024 * 1024)
  const put = (Key, how = new PutObjectCommand({Bucket, Key, Body})) =>
    s3.send(how).then(
      () => undefined,
      error => error.name,
    )
  let count = 0
  for (let refusal; refusal === undefined; count += 1) refusal = await put(`full/${count}`)
  const parts = new Upload({client: s3, params: {Bucket, Key: 'parts', Body}, partSize: 5 * 1024 * 1024}).done().catch(error => error.name)
  const copied = put('copy', new CopyObjectCommand({Bucket, Key: 'copy', CopySource: `${Bucket}/full/0`}))
  console.log(count - 1, await put('next'), await parts, await copied)
  await s3.send(new DeleteObjectCommand({Bucket, Key: 'full/0'}))
  console.log(await put('next'), await put('after'))
}

/** Whether a connection that stays open is answered. */
async function served(socket) {
  socket.write('GET /health HTTP/1.1\r\nHost: any\r\n\r\n')
  const [answer] = await once(socket, 'data')
  return String(answer).startsWith('HTTP/1.1 200')
}

const actions = {
  fill,
  async write() {
    const Metadata = {author: 'ada'}
    await s3.send(new PutObjectCommand({Bucket, Key: 'kept/word.txt', Body: word, ContentType: 'text/plain', Metadata}))
    await s3.send(new PutObjectCommand({Bucket, Key: 'public/word.txt', Body: word, ACL: 'public-read'}))
    await uploadInParts()
    await useSignedUrls()
  },
  async read() {
    const {Contents = []} = await s3.send(new ListObjectsV2Command({Bucket}))
    console.log(Contents.map(one => one.Key))
    if (Contents.length === 0) return
    const found = await s3.send(new GetObjectCommand({Bucket, Key: 'kept/word.txt'}))
    expectSame('metadata', `${found.ContentType} ${found.Metadata.author}`, 'text/plain ada')
    console.log(await found.Body.transformToString())
    console.log(await (await fetch(`${vars.AWS_ENDPOINT_URL_S3}/${Bucket}/public/word.txt`)).text())
  },
  /** A policy of the app's own keeps it from nothing but what it denies; copies and rules for browsers are there. */
  async use() {
    const policy = Statement => new PutBucketPolicyCommand({Bucket, Policy: JSON.stringify({Version: '2012-10-17', Statement})})
    const own = {Resource: `arn:aws:s3:::${Bucket}/open/*`, Principal: '*'}
    await s3.send(
      policy([
        {...own, Effect: 'Allow', Action: 's3:GetObject'},
        {...own, Effect: 'Deny', Action: 's3:DeleteObject'},
      ]),
    )
    await s3.send(new PutObjectCommand({Bucket, Key: 'open/it', Body: 'opened'}))
    console.log(await (await fetch(`${vars.AWS_ENDPOINT_URL_S3}/${Bucket}/open/it`)).text())
    console.log(await statusOf(s3.send(new DeleteObjectCommand({Bucket, Key: 'open/it'}))))
    await s3.send(new CopyObjectCommand({Bucket, Key: 'copied', CopySource: `${Bucket}/open/it`}))
    console.log(await (await s3.send(new GetObjectCommand({Bucket, Key: 'copied'}))).Body.transformToString())
    // What is there already is not replaced by whoever does not want that.
    console.log(await statusOf(s3.send(new PutObjectCommand({Bucket, Key: 'copied', Body: 'x', IfNoneMatch: '*'}))))
    const CORSRules = [{AllowedOrigins: ['http://app.localhost'], AllowedMethods: ['PUT'], AllowedHeaders: ['*']}]
    await s3.send(new PutBucketCorsCommand({Bucket, CORSConfiguration: {CORSRules}}))
    const headers = {origin: 'http://app.localhost', 'access-control-request-method': 'PUT'}
    const preflight = await fetch(`${vars.AWS_ENDPOINT_URL_S3}/${Bucket}/x`, {method: 'OPTIONS', headers})
    console.log(preflight.headers.get('access-control-allow-origin'))
  },
  async connections() {
    const {hostname, port} = new URL(vars.AWS_ENDPOINT_URL_S3)
    let count = 0
    while (await served(connect(Number(port), hostname))) count += 1
    console.log(count)
  },
  async intrude() {
    const put = with_ => with_.send(new PutObjectCommand({Bucket, Key: 'kept/word.txt', Body: 'intruder'}))
    console.log(await statusOf(put(client({secretAccessKey: 'wrong'}))))
    console.log(await statusOf(put(client({accessKeyId: 'AKIAWRONG'}))))
    const url = `${vars.AWS_ENDPOINT_URL_S3}/${Bucket}/kept/word.txt`
    console.log(
      await statusOf(fetch(url)),
      await statusOf(fetch(url, {method: 'PUT', body: 'x'})),
      await statusOf(fetch(`${vars.AWS_ENDPOINT_URL_S3}/${Bucket}`)),
    )
    console.log(await statusOf(fetch(url.replace('kept', 'public'), {method: 'PUT', body: 'x'})))
    const signed = new URL(await getSignedUrl(s3, new GetObjectCommand({Bucket, Key: 'kept/word.txt'}), {expiresIn: 1}))
    console.log(await statusOf(fetch(String(signed).replace('kept/word.txt', 'kept/another.txt'))))
    signed.searchParams.set('X-Amz-Expires', '3600')
    console.log(await statusOf(fetch(signed)))
    console.log(await statusOf(client({}, {forcePathStyle: true}).send(new CreateBucketCommand({Bucket: 'another'}))))
    console.log(await statusOf(s3.send(new GetObjectCommand({Bucket, Key: '../../metadata/x'}))))
    await s3.send(new HeadObjectCommand({Bucket, Key: 'kept/word.txt'}))
  },
}
await actions[action]()
process.exit()
