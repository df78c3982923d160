import {PlatformError} from '../../../schema/errors.js'
import {appErrors} from '../../logplex/app-errors.js'
import type {Api, Services} from '../services.js'

/** `GET /apps/:app/errors?hours=24`: what Heroku's metrics API counts, from the app's own log. */
export function appErrorRoutes(api: Api, {apps, clock, logplex}: Pick<Services, 'apps' | 'clock' | 'logplex'>): void {
  api.get('/apps/:app/errors', async c => {
    const app = apps.resolve(c.req.param('app'))
    const hours = Number(c.req.query('hours') ?? 24)
    if (!(hours > 0 && hours <= 24 * 31)) throw new PlatformError('invalid_params', 'hours should be a number up to 744.')
    return c.json(await appErrors(logplex, app.id, new Date(clock.now().getTime() - hours * 3_600_000), c.req.raw.signal))
  })
}
