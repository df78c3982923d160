import {Readable} from 'node:stream'
import {z} from 'zod'
import {PlatformError} from '../../../schema/errors.js'
import type {Attachables} from '../attachables.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'

const forward = z.object({port: z.number().int().min(1).max(65_535)})

/** Files and ports of a running dyno, as ps:copy and ps:forward ask for them. Heroku does both by SSH, which needs a server in the dyno. */
export function dynoInsideRoutes(api: Api, {apps, dynos}: Pick<Services, 'apps' | 'dynos'>, attachables: Attachables): void {
  api.get('/apps/:app/dynos/:dyno/file', async c => {
    const app = apps.resolve(c.req.param('app'))
    const path = c.req.query('path')
    if (!path) throw new PlatformError('invalid_params', 'path should be that of a file in the dyno.')
    const {bytes, content} = await dynos.readFile(app.id, c.req.param('dyno'), path)
    const headers = {'content-type': 'application/octet-stream', 'content-length': String(bytes)}
    return new Response(Readable.toWeb(content) as ReadableStream, {headers})
  })

  api.post('/apps/:app/dynos/:dyno/forward', async c => {
    const app = apps.resolve(c.req.param('app'))
    const {port} = await body(c, forward)
    const stream = await dynos.openPort(app.id, c.req.param('dyno'), port)
    const ended = new Promise<number>(resolve => stream.once('close', () => resolve(0)))
    return c.json({secret: attachables.offer({stream, ended, resize: async () => undefined})}, 201)
  })
}
