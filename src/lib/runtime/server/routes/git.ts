import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {once} from 'node:events'
import {PassThrough, Readable, type Writable} from 'node:stream'
import {createGunzip} from 'node:zlib'
import type {Context} from 'hono'
import {notFound, PlatformError} from '../../../schema/errors.js'
import {sourceLimit} from '../../builds/sources.js'
import type {Api, ApiEnv, Services} from '../services.js'
import {readableBody} from '../streams.js'

const programs = ['git-upload-pack', 'git-receive-pack']

/** Smart HTTP: two calls for a fetch or a push, each answered by one run of git itself. */
export function gitRoutes(api: Api, services: Services): void {
  api.get('/:repo{.+\\.git}/info/refs', async c => {
    const service = c.req.query('service') ?? ''
    if (!programs.includes(service))
      throw new PlatformError('forbidden', 'Only the smart HTTP protocol is served: use a git client of 2011 or newer.')
    const path = await repository(c, services)
    const prefix = c.req.header('git-protocol') === 'version=2' && service === 'git-upload-pack' ? '' : banner(service)
    const {child, output} = await run(service, ['--stateless-rpc', '--advertise-refs', path], c)
    return new Response(
      readableBody(prefixed(prefix, output), () => child.kill()),
      {headers: noCache(`application/x-${service}-advertisement`)},
    )
  })
  for (const service of programs)
    api.post(`/:repo{.+\\.git}/${service}`, async c => {
      const app = services.apps.resolve(appName(c))
      const path = await services.repositories.ensure(app.id)
      const {child, output} = await run(service, ['--stateless-rpc', path], c)
      sendBody(c)
        .on('error', () => child.kill())
        .pipe(child.stdin)
      child.stdin.on('error', () => undefined)
      if (service === 'git-receive-pack')
        child.on(
          'close',
          () =>
            void services.repositories
              .size(app.id)
              .then(repoSize => services.apps.find(app.id) && services.apps.update(app.id, {repoSize})),
        )
      // A push whose client leaves goes on, as on Heroku: somebody must read what git says, or it waits for ever.
      const alone = (): unknown => (service === 'git-receive-pack' ? child.stdout.resume() : child.kill())
      return new Response(readableBody(output, alone), {headers: noCache(`application/x-${service}-result`)})
    })
}

function appName(c: Context<ApiEnv>): string {
  return (c.req.param('repo') as string).replace(/\.git$/, '')
}

async function repository(c: Context<ApiEnv>, services: Services): Promise<string> {
  const app = services.apps.find(appName(c))
  if (app === undefined) throw notFound('app')
  return await services.repositories.ensure(app.id)
}

/** Its output is read from the first moment: Node throws the output of a process away that ends before anybody reads it. */
async function run(
  service: string,
  args: string[],
  c: Context<ApiEnv>,
): Promise<{child: ChildProcessByStdio<Writable, Readable, null>; output: Readable}> {
  const env = {...process.env, GIT_PROTOCOL: c.req.header('git-protocol') ?? ''}
  const limits = ['-c', `receive.maxInputSize=${sourceLimit}`]
  const child = spawn('git', [...limits, service.replace(/^git-/, ''), ...args], {env, stdio: ['pipe', 'pipe', 'ignore']})
  const output = child.stdout.pipe(new PassThrough())
  await once(child, 'spawn').catch(cause => {
    const missing = cause.code === 'ENOENT'
    throw new PlatformError(
      'service_unavailable',
      missing ? 'git is not installed on this host: install it and push again.' : `git does not start: ${cause.message}`,
      {cause},
    )
  })
  return {child, output}
}

function sendBody(c: Context<ApiEnv>): Readable {
  const body = c.env.incoming ?? Readable.fromWeb(c.req.raw.body as import('node:stream/web').ReadableStream)
  return c.req.header('content-encoding') === 'gzip' ? body.pipe(createGunzip()) : body
}

function banner(service: string): string {
  const line = `# service=${service}\n`
  return `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`
}

function prefixed(prefix: string, rest: Readable): Readable {
  return Readable.from(
    (async function* () {
      if (prefix !== '') yield Buffer.from(prefix)
      yield* rest
    })(),
  )
}

function noCache(type: string): Record<string, string> {
  return {'Content-Type': type, 'Cache-Control': 'no-cache, max-age=0, must-revalidate'}
}
