import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import {backedUpImages} from '../../../schema/platform-backup.js'
import type {Attached} from '../../dynos/dyno-manager.js'
import type {Preparation} from '../../support/shared-work.js'
import type {Attachables} from '../attachables.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'
import {readableBody} from '../streams.js'

/** What `/runtime` tells and takes. */
export interface RuntimeControl {
  version: string
  home: string
  /** Path of the certificate authority's certificate. */
  ca: string
  startedAt: Date
  /** Undefined until an engine answers. */
  engine(): {version: string; apiVersion: string} | undefined
  /** Why no engine answers. */
  engineProblem(): string | undefined
  /** Why the router does not run. */
  routerProblem(): string | undefined
  stop(): void
  /** Resolves when the dynos that ran before this runtime are known, or cannot be for want of an engine. */
  adopted(): Promise<void>
  /** Images that are being built for all apps. */
  preparing(): Preparation[]
}

/** `/runtime/*`: the handshake, stopping, and the terminals of attached sessions. For clients on the socket only. */
export function runtimeRoutes(api: Api, services: Services, control: RuntimeControl, attachables: Attachables): void {
  api.use('/runtime/*', async (c, next) => {
    if (!c.env.trusted) throw new PlatformError('forbidden', 'The runtime is controlled over its socket only.')
    await next()
  })
  api.get('/runtime', c => {
    const router = services.addresses.router()
    return c.json({
      version: control.version,
      pid: process.pid,
      home: control.home,
      url: services.addresses.api(),
      git_url: services.addresses.api(),
      ca_certificate: control.ca,
      router: router === undefined ? null : {port: router.port, tls_port: router.tlsPort},
      engine: control.engine() ?? null,
      engine_problem: control.engineProblem() ?? null,
      preparing: control.preparing().map(({what, since, line}) => ({what, since: since.toISOString(), line})),
      started_at: control.startedAt.toISOString(),
      ...(c.env.trusted ? {token: services.token} : {}),
    })
  })
  api.post('/runtime/stop', c => {
    control.stop()
    return c.json({stopping: true}, 202)
  })
  api.get('/runtime/backup', async c => {
    await services.engine.ping()
    const tar = services.writeBackup({images: z.enum(backedUpImages).catch('slugs').parse(c.req.query('images'))})
    return new Response(
      readableBody(tar, () => tar.destroy()),
      {headers: {'Content-Type': 'application/x-tar', 'Cache-Control': 'no-store'}},
    )
  })
  api.get('/runtime/restore', c => c.json(services.restore.state()))
  api.post('/runtime/update-stack', async c => {
    await services.engine.ping()
    return c.json({images: await services.compiler.updateStack()})
  })
  api.post('/runtime/attach/:secret/resize', async c => {
    const size = await body(c, z.object({columns: z.number().int().min(1).max(10_000), rows: z.number().int().min(1).max(10_000)}))
    await session(attachables, c.req.param('secret')).resize(size)
    return c.json({})
  })
  api.get('/runtime/attach/:secret/exit', async c => c.json({exit_code: await session(attachables, c.req.param('secret')).ended}))
}

function session(attachables: Attachables, secret: string): Attached {
  const found = attachables.session(secret)
  if (found === undefined) throw new PlatformError('not_found', 'There is no such session.')
  return found
}
