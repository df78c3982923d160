import {dynoSizes} from '../../../schema/dyno-sizes.js'
import {PlatformError} from '../../../schema/errors.js'
import type {Account} from '../../../schema/resources.js'
import {defaultStack, stackNames} from '../../apps/apps.js'
import {stableId} from '../serialize/ids.js'
import type {Api, Services} from '../services.js'

/** Since when the constants of this installation (stacks, regions) are as they are. */
const epoch = '2026-01-01T00:00:00Z'

/** The account, and what every installation has: stacks, regions, dyno sizes. */
export function accountRoutes(api: Api, services: Services): void {
  const account = (): Account => ({
    ...services.account,
    name: null,
    acknowledged_msa: false,
    acknowledged_msa_at: null,
    allow_tracking: false,
    beta: false,
    country_of_residence: null,
    created_at: epoch,
    default_organization: null,
    default_team: null,
    delinquent_at: null,
    eco_dynos_enabled: false,
    eco_dynos_shutdown_at: null,
    federated: false,
    identity_provider: null,
    italian_customer_terms: null,
    italian_partner_terms: null,
    last_login: null,
    mfa_enabled: false,
    mfa_exemption: false,
    mfa_exemption_reason: null,
    mfa_experience: 'legacy',
    pipeline_cost_consent_at: null,
    sms_number: null,
    suspended_at: null,
    two_factor_authentication: false,
    updated_at: epoch,
    verified: true,
  })
  api.get('/account', c => c.json(account()))
  api.get('/users/:user', c => c.json(account()))
  api.get('/account/features', c => c.json([]))
  api.get('/account/features/:feature', () => {
    throw new PlatformError('not_found', "Couldn't find that feature.")
  })
  api.get('/account/keys', c => c.json([]))
  api.get('/apps/:app/collaborators', c => {
    const app = services.apps.resolve(c.req.param('app'))
    return c.json([collaborator(app, services)])
  })
  api.get('/apps/:app/pipeline-couplings', c => {
    services.apps.resolve(c.req.param('app'))
    throw new PlatformError('not_found', "Couldn't find that pipeline coupling.")
  })

  api.get('/stacks', c => c.json(stackNames.map(stack)))
  api.get('/regions', c => c.json([region]))
  api.get('/dyno-sizes', c => c.json(dynoSizes.map(size)))
}

function collaborator(app: {id: string; name: string; createdAt: Date}, services: Services): Record<string, unknown> {
  const created = `${app.createdAt.toISOString().slice(0, 19)}Z`
  return {
    app: {id: app.id, name: app.name},
    created_at: created,
    id: stableId('collaborator', app.id),
    permissions: [],
    role: 'owner',
    updated_at: created,
    user: {...services.account, federated: false},
  }
}

function stack(name: string): Record<string, unknown> {
  return {id: stableId('stack', name), name, default: name === defaultStack, state: 'public', created_at: epoch, updated_at: epoch}
}

const region = {
  country: 'Local',
  created_at: epoch,
  description: 'This host',
  id: stableId('region', 'local'),
  locale: 'Docker',
  name: 'local',
  private_capable: false,
  provider: {name: 'docker', region: 'local'},
  updated_at: epoch,
}

function size(one: (typeof dynoSizes)[number]): Record<string, unknown> {
  return {
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    compute: one.shares,
    can_autoscale: one.dedicated,
    cost: {cents: one.centsPerMonth, unit: 'month'},
    dedicated: one.dedicated,
    precise_dyno_units: one.units,
    id: stableId('dyno-size', one.name),
    memory: one.memoryBytes / 1024 ** 3,
    name: one.name,
    private_space_only: false,
  }
}
