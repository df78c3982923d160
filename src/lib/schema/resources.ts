/**
 * Platform API v3 resources, as the wire has them. Field names and types follow the published schema
 * (platform-api-v3.json); times are ISO 8601 strings in UTC without fractions, ids are UUIDs.
 */
export interface Ref {
  id: string
  name: string
}

export interface UserRef {
  id: string
  email: string
}

export interface App {
  acm: boolean
  archived_at: string | null
  base_image_name: string | null
  build_stack: Ref
  buildpack_provided_description: string | null
  buildpacks: {url: string}[]
  created_at: string
  current_build_architecture: string[]
  generation: string | Ref
  git_url: string
  id: string
  internal_routing: boolean | null
  maintenance: boolean
  name: string
  owner: UserRef
  organization: Ref | null
  team: Ref | null
  region: Ref
  released_at: string | null
  repo_size: number | null
  slug_size: number | null
  space: null
  stack: Ref
  updated_at: string
  web_url: string
}

export type ConfigVars = Record<string, string>
/** A PATCH of config vars: null removes. */
export type ConfigChanges = Record<string, string | null>
/** Process type → command, as in `slug.process_types`. */
export type ProcessTypes = Record<string, string>

export type ReleaseStatus = 'pending' | 'succeeded' | 'failed' | 'expired'

export interface Release {
  addon_plan_names: string[]
  artifacts: {id: string; type: string}[]
  app: Ref
  created_at: string
  description: string
  id: string
  updated_at: string
  oci_image: {id: string} | null
  slug: {id: string} | null
  status: ReleaseStatus
  user: UserRef
  version: number
  current: boolean
  output_stream_url: string | null
  eligible_for_rollback: boolean
}

export type BuildStatus = 'pending' | 'succeeded' | 'failed'

export interface Build {
  app: {id: string}
  buildpacks: {url: string; name?: string}[] | null
  created_at: string
  id: string
  labs: Record<string, unknown> | null
  output_stream_url: string
  source_blob: {
    checksum: string | null
    url: string
    version: string | null
    version_description: string | null
  }
  release: {id: string} | null
  slug: {id: string} | null
  stack: string
  status: BuildStatus
  updated_at: string
  user: UserRef
}

export interface Slug {
  blob: {method: string; url: string}
  buildpack_provided_description: string | null
  checksum: string | null
  commit: string | null
  commit_description: string | null
  created_at: string
  id: string
  process_types: ProcessTypes
  size: number | null
  stack: Ref
  updated_at: string
  deleted_at: string | null
}

export type DynoState = 'crashed' | 'down' | 'idle' | 'starting' | 'up'

export interface Dyno {
  attach_url: string | null
  command: string
  created_at: string
  id: string
  name: string
  release: {id: string; version: number}
  app: Ref
  size: string
  state: DynoState
  type: string
  updated_at: string
}

export interface Formation {
  app: Ref
  command: string
  created_at: string
  dyno_size: Ref
  id: string
  quantity: number
  size: string
  type: string
  updated_at: string
}

export interface Price {
  cents: number
  contract: boolean
  metered: boolean
  unit: string
}

export interface AddOnService {
  cli_plugin_name: string | null
  created_at: string
  human_name: string
  id: string
  name: string
  state: 'alpha' | 'beta' | 'ga' | 'shutdown'
  supports_multiple_installations: boolean
  supports_sharing: boolean
  updated_at: string
  supported_generations: Ref[]
}

export interface Plan {
  addon_service: Ref
  created_at: string
  compliance: string[] | null
  default: boolean
  description: string
  human_name: string
  id: string
  installable_inside_private_network: boolean
  installable_outside_private_network: boolean
  /** `service:plan` */
  name: string
  price: Price
  space_default: boolean
  state: string
  updated_at: string
  visible: boolean
}

export type AddOnState = 'provisioning' | 'provisioned' | 'deprovisioning' | 'deprovisioned'

export interface AddOn {
  actions: unknown[]
  /** A full AddOnService when the request expands it (`Accept-Expansion`). */
  addon_service: Ref | AddOnService
  billing_entity: {id: string; name: string; type: 'app' | 'team'}
  app: Ref
  billed_price: Price | null
  config_vars: string[]
  created_at: string
  id: string
  name: string
  /** A full Plan when the request expands it. */
  plan: Ref | Plan
  provider_id: string
  provision_message?: string
  state: AddOnState
  updated_at: string
  web_url: string | null
}

export interface AddOnAttachment {
  addon: {id: string; name: string; app: Ref; plan?: Ref}
  app: Ref
  created_at: string
  id: string
  name: string
  namespace: string | null
  updated_at: string
  web_url: string | null
  log_input_url: string | null
  config_vars?: string[]
}

export interface LogSession {
  created_at: string
  id: string
  logplex_url: string
  updated_at: string
}

export interface LogDrain {
  addon: (Ref & {app: Ref}) | null
  app: Ref | null
  created_at: string
  id: string
  token: string
  updated_at: string
  url: string
}

export interface Domain {
  acm_status: string | null
  acm_status_reason: string | null
  app: Ref
  cname: string | null
  created_at: string
  hostname: string
  id: string
  kind: 'heroku' | 'custom'
  updated_at: string
  status: string
  sni_endpoint: Ref | null
}

export interface SniEndpoint {
  app: Ref
  /** PEM. */
  certificate_chain: string
  created_at: string
  display_name: string | null
  /** Ids of the domains that are shown with it. */
  domains: string[]
  id: string
  name: string
  ssl_cert: {
    /** Made by Automatic Certificate Management. */
    acm: boolean
    'ca_signed?': boolean
    cert_domains: string[]
    expires_at: string
    id: string
    issuer: string
    'self_signed?': boolean
    starts_at: string
    subject: string
  }
  updated_at: string
}

export interface Source {
  source_blob: {get_url: string; put_url: string}
}

export interface BuildpackInstallation {
  ordinal: number
  buildpack: {url: string; name: string}
}

export interface Account {
  id: string
  email: string
  name: string | null
  [key: string]: unknown
}

export interface AppSetup {
  id: string
  created_at: string
  updated_at: string
  status: 'pending' | 'failed' | 'succeeded'
  failure_message: string | null
  app: Ref
  build: {id: string; status: BuildStatus; output_stream_url: string} | null
  manifest_errors: string[]
  postdeploy: {output: string; exit_code: number} | null
  resolved_success_url: string | null
}
