import {z} from 'zod'
import {fromPartnerManifest, isPartnerManifest} from './partner-manifest.js'

const sizes = {KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4} as const

/** `25 MB`, `64 GB` → bytes. */
const bytes = z
  .string()
  .regex(/^\d+(\.\d+)? (KB|MB|GB|TB)$/, 'should be a size such as "512 MB"')
  .transform(text => {
    const [amount, unit] = text.split(' ') as [string, keyof typeof sizes]
    return Math.round(Number(amount) * sizes[unit])
  })

const command = z.array(z.string()).min(1)
const configName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'should be an upper-case config var name')
const serviceName = z.string().regex(/^[a-z][a-z0-9-]*$/, 'should be a service name such as "heroku-redis"')
const planName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'should be a plan name such as "essential-0"')

const plan = z.strictObject({
  name: planName,
  human_name: z.string(),
  description: z.string(),
  price: z.strictObject({cents: z.int().min(0), unit: z.literal('month')}),
  default: z.boolean().optional(),
  limits: z.strictObject({
    /** The container's memory. */
    memory: bytes,
    connections: z.int().positive(),
    /** What the data may take; the server enforces it where it can. */
    storage: bytes,
    /** How far back in time its data can be had again. */
    rollback_days: z.int().min(0).default(0),
  }),
  /** What only some plans have; each wants the key of that name in `local`. */
  offers: z.array(z.enum(['rollback', 'follow', 'pooling'])).default([]),
})

/** What hokku adds to Heroku's manifest so that the service can run here. */
const local = z.strictObject({
  /** Another service of the catalogue whose server this one is: what `inherited` names comes from there unless it is said here. */
  extends: serviceName.optional(),
  human_name: z.string(),
  description: z.string(),
  state: z.enum(['alpha', 'beta', 'ga', 'shutdown']),
  /** `postgresql` in `postgresql-curved-12345`. */
  name_prefix: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** Name of the first attachment; later ones are `<alternate_prefix>_<COLOR>`. */
  attachment: configName,
  alternate_prefix: configName,
  plans: z.array(plan).min(1),
  /** Other names of plans: legacy or shorter → plan name. */
  plan_aliases: z.record(z.string(), planName).default({}),
  /** Other names of the service. */
  aliases: z.array(z.string()).default([]),
  /** Who serves: a container for each add-on, the runtime itself, which then knows the service by its name, or somebody else over HTTP. */
  server: z.enum(['container', 'runtime', 'partner']).default('container'),
  /** Where that somebody answers (`api.production` of Heroku's manifest). */
  partner: z.strictObject({base_url: z.string(), sso_url: z.string().optional()}).optional(),
  /** 0 without a container, as is an empty `volume`. */
  port: z.int().positive().max(65_535).default(0),
  /** Where the named volume with the data goes in the container. */
  volume: z.string().startsWith('/').default(''),
  /** Made once for each add-on: a prefix and that many random hex digits (a letter, where the prefix has it, comes first). */
  credentials: z.record(z.string(), z.strictObject({prefix: z.string().default(''), digits: z.int().min(8).max(128)})).default({}),
  /** Those of `credentials` that a rotation makes anew; the server learns them from its environment when it starts. */
  rotates: z.array(z.string()).default([]),
  /** Whether each add-on gets a certificate of the local authority, as `{{tls_certificate}}` and `{{tls_key}}` (PEM). */
  tls: z.boolean().default(false),
  /** Environment of the container; `{{…}}` as in `config_vars`. Secrets get in here only. */
  env: z.record(z.string(), z.string()).default({}),
  /** Config var → template. Names begin with `api.config_vars_prefix`, which an attachment's own name replaces. */
  config_vars: z.record(configName, z.string()),
  commands: z
    .strictObject({
      /** Run in the container; exit code 0 means it serves, 75 that its data is being made ready, which takes what it takes. */
      health: command,
      /** The service's own shell: psql, redis-cli. */
      shell: command.optional(),
      /** Prints `Name: value` lines for `pg:info` and its like. */
      info: command.optional(),
      /** Empties the data. */
      reset: command.optional(),
      /** Forgets what the server has counted; with the argument `statements`, of single statements. */
      reset_statistics: command.optional(),
      /**
       * Prints what can be set while it serves, as JSON: name → `{"value", "default", "desc", "values"}`. With NAME and VALUE it sets that, also
       * for later starts; exit code 64 and a line on stderr for a value that is none.
       */
      settings: command.optional(),
      /** Prints checks of the data and its server as JSON: `[{"name", "status": "green" | "yellow" | "red", "results"}]`. */
      diagnose: command.optional(),
      /** Ends every connection of clients. */
      disconnect: command.optional(),
      /**
       * Logical backups; gets `backup ID` (a dump on stdout), `restore ID BYTES [EXTENSIONS]` (a dump on stdin, a log and `Warnings: N` on
       * stdout), `size` (bytes of the data), `log ID` (what the backup said), `cancel ID`.
       */
      transfer: command.optional(),
    })
    .default({health: []}),
  /**
   * How another add-on begins with a copy of the data (`--fork`): `command` writes a tar to stdout while the server serves, which goes to the
   * folder `root` of the new volume. `keeps`: the credentials that the data knows, so that the copy has the same.
   */
  clone: z.strictObject({command, root: z.string(), keeps: z.array(z.string())}).optional(),
  /**
   * Where a second volume goes, for what is kept of the past: it is in no snapshot and in no backup of the platform, and goes with its
   * add-on.
   */
  archive: z.string().startsWith('/').optional(),
  /**
   * How another add-on begins with the data as it was at a moment (`--rollback`): as `clone`, but `command` gets the moment (ISO 8601) as its
   * last argument. `window` prints the first moment to be had (seconds since 1970), or nothing when there is none yet.
   */
  rollback: z.strictObject({command, window: command, root: z.string(), keeps: z.array(z.string())}).optional(),
  /**
   * That a server can follow another one of its service (`--follow`): it has all credentials of its leader, finds it as `{{leader}}`, a host
   * name that is empty for all others, and brings the data by itself. `followers` gets the ids of all followers of a server, inside it,
   * whenever one may have gone.
   */
  follow: z.strictObject({followers: command}).optional(),
  /** A second port, where a pool of connections is: served when `{{pool}}` is that port, and not when it is empty. */
  pooling: z.strictObject({port: z.int().positive().max(65_535)}).optional(),
  /** Further names by which dynos reach it, templates as in `config_vars`: `{{bucket}}.{{host}}`. */
  hostnames: z.array(z.string()).default([]),
  /** A page of the server for people, which `addons:open` opens; `user` is whom it lets in, a template as in `config_vars`. */
  page: z
    .strictObject({port: z.int().positive().max(65_535), path: z.string().startsWith('/').default('/'), user: z.string().optional()})
    .optional(),
  /** Which of Heroku's data APIs it answers to. */
  data_api: z.enum(['postgres', 'redis']).optional(),
  /** Linux capabilities the server needs; none by default. */
  capabilities: z.array(z.string()).default([]),
  /** Seconds until it must be healthy. */
  boot_seconds: z.int().positive().default(60),
})

const manifest = z
  .strictObject({
    id: serviceName,
    name: z.string(),
    api: z.strictObject({
      config_vars_prefix: configName,
      config_vars: z.array(configName),
      regions: z.array(z.enum(['us', 'eu', 'frankfurt', 'oregon', 'tokyo', 'virginia', '*'])).min(1),
      requires: z.array(z.enum(['syslog_drain', 'many_per_app', 'attachable', 'log_input'])).default([]),
      version: z.literal('3'),
    }),
    local,
  })
  .superRefine(consistent)

export type AddonManifest = z.output<typeof manifest>
export type AddonPlan = AddonManifest['local']['plans'][number]

/** Keys of `local` that a service takes from the one it extends. Its names, and with its own plans their aliases, are always its own. */
const inherited = [
  'server',
  'plans',
  'plan_aliases',
  'port',
  'volume',
  'credentials',
  'rotates',
  'tls',
  'env',
  'config_vars',
  'commands',
  'clone',
  'archive',
  'rollback',
  'follow',
  'pooling',
  'hostnames',
  'page',
  'capabilities',
  'boot_seconds',
]

/**
 * Reads a manifest. `extended` gives the text of the manifest of another service, undefined when there is none.
 * Throws an Error which names every fault with its path, `local/plans/0/price: …`.
 */
export function parseAddonManifest(
  text: string,
  file: string,
  extended: (service: string) => string | undefined = () => undefined,
): AddonManifest {
  const own = catalogued(jsonOf(text, file), file)
  const wanted = localOf(own)?.['extends']
  const base = typeof wanted === 'string' ? extended(wanted) : undefined
  if (typeof wanted === 'string' && base === undefined) throw new Error(`${file}: local/extends: there is no service ${wanted}`)
  const result = manifest.safeParse(base === undefined ? own : upon(own, localOf(jsonOf(base, file)) ?? {}))
  const faults = result.success ? [] : result.error.issues.map(issue => `${issue.path.join('/') || '(root)'}: ${issue.message}`)
  if (base !== undefined && localOf(jsonOf(base, file))?.['extends'] !== undefined)
    faults.push(`local/extends: ${wanted} extends a service itself: name that one`)
  if (result.success && faults.length === 0) return result.data
  throw new Error(faults.map(fault => `${file}: ${fault}`).join('\n'))
}

function catalogued(json: unknown, file: string): unknown {
  if (!isPartnerManifest(json)) return json
  const result = fromPartnerManifest(json)
  if ('manifest' in result) return result.manifest
  throw new Error(result.faults.map(fault => `${file}: ${fault}`).join('\n'))
}

function upon(own: unknown, base: Record<string, unknown>): unknown {
  const said = localOf(own) ?? {}
  const taken = inherited.filter(key => key in base && !(key in said) && !(key === 'plan_aliases' && 'plans' in said))
  return {...(own as object), local: {...Object.fromEntries(taken.map(key => [key, base[key]])), ...said}}
}

function localOf(json: unknown): Record<string, unknown> | undefined {
  const found = (json as {local?: unknown} | null)?.local
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : undefined
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, {cause: error})
  }
}

/** The names a template may use, beside the manifest's own credentials. */
export const templateFacts = [
  ...(['host', 'port', 'host_port', 'page_port', 'name', 'id', 'connections', 'storage', 'memory', 'rollback_days'] as const),
  ...(['leader', 'pool', 'tls_certificate', 'tls_key'] as const),
] as const

function consistent(
  value: {api: {config_vars_prefix: string; config_vars: string[]}; local: z.output<typeof local>},
  at: z.RefinementCtx,
): void {
  const fault = (path: (string | number)[], message: string): void => at.addIssue({code: 'custom', path, message})
  const {api, local: own} = value
  for (const name of api.config_vars)
    if (!name.startsWith(`${api.config_vars_prefix}_`))
      fault(['api', 'config_vars'], `${name} should begin with ${api.config_vars_prefix}_`)
  const templated = Object.keys(own.config_vars)
  if (templated.toSorted().join() !== api.config_vars.toSorted().join())
    fault(['local', 'config_vars'], 'should have a template for each of api/config_vars and no other')
  if (own.plans.filter(one => one.default).length !== 1) fault(['local', 'plans'], 'should have exactly one default plan')
  if (own.server === 'container')
    for (const [key, missing] of Object.entries({
      port: own.port === 0,
      volume: own.volume === '',
      commands: own.commands.health.length === 0,
    }))
      if (missing) fault(['local', key], 'is needed by a server in a container')
  if ((own.server === 'partner') !== (own.partner !== undefined)) fault(['local', 'server'], 'partner goes with api/production alone')
  own.plans.forEach(({offers, limits}, at) => {
    for (const name of offers) if (own[name] === undefined) fault(['local', 'plans', at, 'offers'], `${name} is not in local`)
    if (offers.includes('rollback') !== limits.rollback_days > 0)
      fault(['local', 'plans', at], 'rollback is offered with rollback_days, and only then')
  })
  const plans = new Set(own.plans.map(one => one.name))
  for (const [alias, target] of Object.entries(own.plan_aliases))
    if (!plans.has(target)) fault(['local', 'plan_aliases', alias], `there is no plan ${target}`)
  for (const name of own.rotates) if (own.credentials[name] === undefined) fault(['local', 'rotates'], `${name} is none of the credentials`)
  const wanting: Partial<Record<string, unknown>> = {
    page_port: own.page,
    leader: own.follow,
    pool: own.pooling,
    rollback_days: own.rollback,
    ...(own.tls ? {} : {tls_certificate: undefined, tls_key: undefined}),
  }
  const facts = templateFacts.filter(name => !(name in wanting) || wanting[name] !== undefined)
  const known = new Set<string>([...facts, ...Object.keys(own.credentials)])
  const templates: Record<string, Record<string, string>> = {
    config_vars: own.config_vars,
    env: own.env,
    page: {user: own.page?.user ?? ''},
    hostnames: Object.fromEntries(own.hostnames.entries()),
  }
  for (const [block, named] of Object.entries(templates))
    for (const [name, template] of Object.entries(named))
      for (const [, word] of template.matchAll(/\{\{(\w+)\}\}/g))
        if (!known.has(word as string)) fault(['local', block, name], `{{${word}}} is neither a credential nor one of ${facts.join(', ')}`)
}
