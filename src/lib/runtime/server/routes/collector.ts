import {z} from 'zod'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'

const pruneBody = z.object({
  dry_run: z.boolean().optional(),
  /** Slugs to keep of each app. */
  keep: z.number().int().min(1).max(1000).optional(),
  cache: z.enum(['old', 'all']).optional(),
})

/** Garbage collection on demand, for the socket only (routes/runtime.ts). */
export function collectorRoutes(api: Api, {collector, engine}: Services): void {
  api.post('/runtime/prune', async c => {
    const {dry_run: dryRun = false, keep, cache = 'old'} = await body(c, pruneBody)
    await engine.ping()
    return c.json(await collector.collect({dryRun, keep, cache}))
  })
}
