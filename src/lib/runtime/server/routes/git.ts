import {type ChildProcessByStdio, spawn} from 'node:child_process'
import {once} from 'node:events'
import {type Duplex, PassThrough, Readable, type Writable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createGunzip} from 'node:zlib'
import type {Context} from 'hono'
import {notFound, PlatformError} from '../../../schema/errors.js'
import type {AppRecord} from '../../apps/app-record.js'
import {sourceLimit} from '../../builds/sources.js'
import {movedBranch} from '../../git/branch.js'
import {channelVariable, serveHook} from '../../git/hook-channel.js'
import {type PushedBranch, refusal, takePush} from '../../git/push.js'
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
      if (service === 'git-receive-pack') answerHook(child, app, c, services)
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

type Git = ChildProcessByStdio<Writable, Readable, null>

/** Builds what is pushed when git asks its hook. */
function answerHook(child: Git, app: AppRecord, c: Context<ApiEnv>, services: Services): void {
  const {builds, engine, log, outputs, repositories} = services
  const user = c.var.caller.email
  const [channel, verdict] = child.stdio.slice(3) as unknown as [Duplex, Writable]
  void serveHook(channel, verdict, async (push, output) => {
    const say = (line: string): void => void output.write(`${line}\n`)
    const build = async (branch: PushedBranch, stream: Readable): Promise<boolean> => {
      await engine.ping()
      const moved = movedBranch(repositories, app.id, branch)
      const {build} = await builds.start(app, {source: {stream}, user, version: branch.commit, branch: moved})
      await pipeline(outputs.read(build.id, new AbortController().signal), output, {end: false})
      return builds.get(app.id, build.id).status === 'succeeded'
    }
    return await takePush(push, {say, build}).catch(error => {
      log.info('a push was not taken', {app: app.name, error})
      for (const line of refusal(error)) say(line)
      return false
    })
  })
}

/** Its output is read from the first moment: Node throws the output of a process away that ends before anybody reads it. */
async function run(service: string, args: string[], c: Context<ApiEnv>): Promise<{child: Git; output: Readable}> {
  const receives = service === 'git-receive-pack'
  const env = {...process.env, GIT_PROTOCOL: c.req.header('git-protocol') ?? '', ...(receives && {[channelVariable]: '3'})}
  const limits = ['-c', `receive.maxInputSize=${sourceLimit}`]
  const child = spawn('git', [...limits, service.replace(/^git-/, ''), ...args], {
    env,
    stdio: ['pipe', 'pipe', 'ignore', ...(receives ? (['pipe', 'pipe'] as const) : [])],
  }) as Git
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
