import {randomUUID} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {PlatformError} from '../../../schema/errors.js'
import type {Seal} from '../../support/seal.js'

/** What a partner and we know, and nobody else. */
export interface PartnerSecrets {
  /** Of Basic authentication, whose user is the service's id. */
  password: string
  /** Signs what people bring along at single sign-on. */
  ssoSalt: string
  /** What the partner shows when it wants tokens. */
  clientSecret: string
}

const fileName = 'partner-secrets'

interface WithSecrets {
  api: {password?: unknown; sso_salt?: unknown}
  local?: {oauth_client_secret?: unknown}
}

/**
 * Moves the secrets of a manifest in a folder into a sealed file beside it. The client secret is the manifest's, else that of the folder
 * which this one replaces, else a new one. Throws invalid_params when one is missing.
 */
export async function sealSecrets(folder: string, json: object, {seal, replaces}: {seal: Seal; replaces: string}): Promise<PartnerSecrets> {
  const {api, local, ...rest} = structuredClone(json) as WithSecrets
  const {password, sso_salt: ssoSalt, ...open} = api
  const {oauth_client_secret: given, ...own} = local ?? {}
  const clientSecret = typeof given === 'string' ? given : (readSecrets(replaces, seal)?.clientSecret ?? randomUUID())
  const secrets = {password: text('api/password', password), ssoSalt: text('api/sso_salt', ssoSalt), clientSecret}
  await writeFile(join(folder, fileName), seal.seal(JSON.stringify(secrets)), {mode: 0o600})
  const left = {...rest, api: open, ...(local !== undefined && {local: own})}
  await writeFile(join(folder, 'addon-manifest.json'), JSON.stringify(left, undefined, 2))
  return secrets
}

/** Undefined where there are none. */
export function readSecrets(folder: string, seal: Seal): PartnerSecrets | undefined {
  const file = join(folder, fileName)
  return existsSync(file) ? JSON.parse(seal.open(readFileSync(file, 'utf8'))) : undefined
}

function text(path: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new PlatformError('invalid_params', `addon-manifest.json: ${path}: should be the secret that the partner knows`)
}
