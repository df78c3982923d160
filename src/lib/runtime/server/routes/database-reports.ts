import {randomUUID} from 'node:crypto'
import {z} from 'zod'
import type {DatabaseCheck, DatabaseReport} from '../../../schema/database-report.js'
import {PlatformError} from '../../../schema/errors.js'
import {body} from '../body.js'
import type {Api, Services} from '../services.js'
import {databaseAt} from './transfers.js'

const reportBody = z.object({app: z.string(), database: z.string(), plan: z.string(), url: z.string()})

/** How long a report can be asked for, in ms. */
const month = 30 * 24 * 60 * 60 * 1000

/** What `pg:diagnose` asks of Heroku's service for it, under the same paths: PGDIAGNOSE_URL leads the official CLI here. */
export function databaseReportRoutes(api: Api, services: Services): void {
  const {addons, clock, store} = services
  api.post('/reports', async c => {
    const {url, ...facts} = await body(c, reportBody)
    const checks = JSON.parse(await addons.tell(databaseAt(services, url), 'diagnose')) as DatabaseCheck[]
    const report: DatabaseReport = {id: randomUUID(), ...facts, created_at: clock.now().toISOString(), checks}
    store.transaction(() => {
      store.run('DELETE FROM database_reports WHERE created_at < ?', new Date(clock.now().getTime() - month).toISOString())
      store.run(
        'INSERT INTO database_reports (id, report, created_at) VALUES (?, ?, ?)',
        report.id,
        JSON.stringify(report),
        report.created_at,
      )
    })
    return c.json(report, 201)
  })
  api.get('/reports/:id', c => {
    const row = store.get<{report: string}>('SELECT report FROM database_reports WHERE id = ?', c.req.param('id'))
    if (row === undefined) throw new PlatformError('not_found', "Couldn't find that report. They are kept for one month.")
    return c.json(JSON.parse(row.report))
  })
}
