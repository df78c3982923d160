import {randomUUID} from 'node:crypto'
import {type Context, Hono} from 'hono'
import {EngineError} from '../../engine/engine.js'
import {type ErrorBody, PlatformError} from '../../schema/errors.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {Attachables} from './attachables.js'
import {authorize} from './auth.js'
import {checkUserScope} from './partner-scope.js'
import {accountRoutes} from './routes/account.js'
import {addonServiceRoutes} from './routes/addon-services.js'
import {addonSnapshotRoutes} from './routes/addon-snapshots.js'
import {addonRoutes} from './routes/addons.js'
import {appErrorRoutes} from './routes/app-errors.js'
import {appSetupRoutes} from './routes/app-setups.js'
import {appRoutes} from './routes/apps.js'
import {attachmentRoutes} from './routes/attachments.js'
import {buildpackInstallationRoutes} from './routes/buildpack-installations.js'
import {buildRoutes} from './routes/builds.js'
import {collectorRoutes} from './routes/collector.js'
import {configVarRoutes} from './routes/config-vars.js'
import {containerImageRoutes} from './routes/container-images.js'
import {addonExecRoutes, dataRoutes} from './routes/data.js'
import {databaseReportRoutes} from './routes/database-reports.js'
import {domainRoutes} from './routes/domains.js'
import {dynoInsideRoutes} from './routes/dyno-inside.js'
import {dynoRoutes} from './routes/dynos.js'
import {featureRoutes} from './routes/features.js'
import {formationRoutes} from './routes/formation.js'
import {gitRoutes} from './routes/git.js'
import {libratoRoutes} from './routes/librato.js'
import {logDrainRoutes} from './routes/log-drains.js'
import {logRetentionRoutes} from './routes/log-retention.js'
import {logSessionRoutes} from './routes/log-sessions.js'
import {papertrailRoutes} from './routes/papertrail.js'
import {partnerRoutes} from './routes/partners.js'
import {releaseRoutes} from './routes/releases.js'
import {type RuntimeControl, runtimeRoutes} from './routes/runtime.js'
import {runtimeDoctorRoutes} from './routes/runtime-doctor.js'
import {schedulerRoutes} from './routes/scheduler.js'
import {sniEndpointRoutes} from './routes/sni-endpoints.js'
import {transferRoutes} from './routes/transfers.js'
import type {Api, ApiEnv, Services} from './services.js'

/** The Platform API as one function from request to response. */
export function createApi(services: Services, control: RuntimeControl, attachables: Attachables): Api {
  const api: Api = new Hono<ApiEnv>()
  api.use(async (c, next) => {
    const requestId = c.req.header('request-id')?.split(',')[0] ?? randomUUID()
    c.set('requestId', requestId)
    c.header('Request-Id', requestId)
    c.set('caller', services.account)
    if (c.env.trusted) checkUserScope(c)
    else authorize(c, services)
    await next()
  })
  api.onError((error, c) => answerError(error, c, services.log))
  api.notFound(c =>
    c.json(
      {
        id: 'not_found',
        message:
          'The requested API endpoint was not found. Are you using the right HTTP verb (i.e. `GET` vs. `POST`), and did you specify your intended version with the `Accept` header?',
      },
      404,
    ),
  )
  for (const path of ['/apps/:app/dynos', '/apps/:app/dynos/*'])
    api.use(path, async (_, next) => {
      await control.adopted()
      await next()
    })
  runtimeRoutes(api, services, control, attachables)
  runtimeDoctorRoutes(api, services, control)
  collectorRoutes(api, services)
  addonSnapshotRoutes(api, services)
  addonServiceRoutes(api, services)
  addRoutes(api, services, attachables)
  return api
}

function addRoutes(api: Api, services: Services, attachables: Attachables): void {
  gitRoutes(api, services)
  accountRoutes(api, services)
  appRoutes(api, services)
  appSetupRoutes(api, services)
  appErrorRoutes(api, services)
  configVarRoutes(api, services)
  releaseRoutes(api, services)
  formationRoutes(api, services)
  buildRoutes(api, services)
  containerImageRoutes(api, services)
  domainRoutes(api, services)
  sniEndpointRoutes(api, services)
  schedulerRoutes(api, services)
  featureRoutes(api, services)
  logDrainRoutes(api, services)
  logRetentionRoutes(api, services)
  buildpackInstallationRoutes(api, services)
  dynoRoutes(api, services)
  dynoInsideRoutes(api, services, attachables)
  addonRoutes(api, services)
  attachmentRoutes(api, services)
  partnerRoutes(api, services)
  papertrailRoutes(api, services)
  libratoRoutes(api, services)
  dataRoutes(api, services)
  transferRoutes(api, services)
  databaseReportRoutes(api, services)
  addonExecRoutes(api, services, attachables)
  const {apps, logplex, clock, addresses} = services
  logSessionRoutes(api, {logplex, clock, resolveApp: id => apps.resolve(id), baseUrl: () => addresses.api()})
}

function answerError(error: Error, c: Context<ApiEnv>, log: RuntimeLog): Response {
  const known = platformError(error)
  if (known !== undefined) {
    if (known.id === 'unauthorized') c.header('WWW-Authenticate', 'Basic realm="hokku"')
    return c.json(known.toJSON() as ErrorBody, known.status as 400)
  }
  log.error('request failed', {request: c.var.requestId, method: c.req.method, path: c.req.path, error})
  const message = `Internal server error. This is a bug in hokku; the runtime's log has it under request ${c.var.requestId}.`
  return c.json({id: 'internal_server_error', message}, 500)
}

/** An engine that is not there is the user's to mend; other engine errors mean that something went wrong on its side. */
function platformError(error: Error): PlatformError | undefined {
  if (error instanceof PlatformError) return error
  if (!(error instanceof EngineError)) return undefined
  const unavailable = error.code === 'unavailable' || error.code === 'permission' || error.code === 'too_old'
  return new PlatformError(unavailable ? 'engine_unavailable' : 'service_unavailable', error.message, {cause: error})
}
