import {z} from 'zod'

/** Heroku sends credentials over HTTPS alone; a service on this machine may do without. */
const address = z
  .url({protocol: /^https?$/, error: 'should be an https URL'})
  .refine(
    text => !text.startsWith('http:') || onThisMachine(new URL(text).hostname),
    'should be an https URL, unless it is on this machine',
  )

const endpoints = z.object({base_url: address, sso_url: address.optional()})

/** kensa's manifests list plans; the Partner Portal's do not. */
const plan = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  human_name: z.string().optional(),
  description: z.string().optional(),
  price: z.unknown().optional(),
  default: z.boolean().optional(),
})

/** What Heroku's manifest of a partner's service says; keys that are not here are for Heroku's portal. */
const partner = z.object({
  id: z.string(),
  name: z.string(),
  plans: z.array(plan).optional(),
  api: z.object({
    config_vars_prefix: z.string().optional(),
    config_vars: z.array(z.string()).default([]),
    regions: z.array(z.string()).min(1).default(['*']),
    requires: z.array(z.string()).default([]),
    version: z.union([z.literal('3'), z.literal(3)]).default('3'),
    production: endpoints,
  }),
  local: z.record(z.string(), z.unknown()).optional(),
})

/** Permissions of a partner's service that mean something here. */
const granted = ['syslog_drain', 'many_per_app', 'attachable', 'log_input']

/** No server of ours has these limits: the schema wants some. */
const limits = {memory: '1 MB', connections: 1, storage: '1 MB'}

/** Whether a manifest, as JSON, is of a service that somebody else runs: it says where that answers, and nothing of a container. */
export function isPartnerManifest(json: unknown): boolean {
  const {api, local} = (json ?? {}) as {api?: {production?: unknown} | null; local?: Record<string, unknown> | null}
  return typeof api?.production === 'object' && local?.['port'] === undefined && local?.['extends'] === undefined
}

/** The same service as a manifest of the catalogue has it. Gives its faults, each with its path, when it cannot be one. */
export function fromPartnerManifest(json: unknown): {manifest: object} | {faults: string[]} {
  const result = partner.safeParse(json)
  if (!result.success) return {faults: result.error.issues.map(issue => `${issue.path.join('/') || '(root)'}: ${issue.message}`)}
  const {id, name, plans, api, local = {}} = result.data
  const {oauth_client_secret: _secret, plans: own, ...rest} = local
  const prefix = api.config_vars_prefix ?? id.toUpperCase().replaceAll('-', '_')
  const {host} = new URL(api.production.base_url)
  return {
    manifest: {
      id,
      name,
      api: {
        config_vars_prefix: prefix,
        config_vars: api.config_vars,
        regions: api.regions,
        requires: api.requires.filter(word => granted.includes(word)),
        version: '3',
      },
      local: {
        human_name: name,
        description: `Run by ${host}, which provisions its add-ons over Heroku's Add-on Partner API.`,
        state: 'beta',
        name_prefix: id,
        attachment: prefix,
        alternate_prefix: prefix,
        plans: Array.isArray(own) ? own.map(one => ({limits, ...one})) : plansOf(plans ?? []),
        ...rest,
        server: 'partner',
        partner: api.production,
        // The partner says what they are.
        config_vars: Object.fromEntries(api.config_vars.map(one => [one, ''])),
      },
    },
  }
}

/** The portal makes the plan `test` for every service. */
function plansOf(listed: z.output<typeof plan>[]): object[] {
  const plans = listed.length === 0 ? [{id: 'test', default: undefined}] : listed
  const first = Math.max(
    0,
    plans.findIndex(one => one.default === true),
  )
  return plans.map((one: z.output<typeof plan>, at) => {
    const name = one.id ?? one.name ?? ''
    const human = one.human_name ?? name.charAt(0).toUpperCase() + name.slice(1)
    const dollars = Number(one.price ?? 0)
    const price = {cents: Number.isFinite(dollars) ? Math.round(dollars * 100) : 0, unit: 'month'}
    return {name, human_name: human, description: one.description ?? human, price, default: at === first, limits}
  })
}

function onThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1' || host === '[::1]'
}
