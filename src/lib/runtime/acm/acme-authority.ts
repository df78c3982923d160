import type {Authorization, Client} from 'acme-client'
import type {Identity} from '../../schema/certificate-chain.js'
import {PlatformError} from '../../schema/errors.js'
import type {Challenges} from '../certificates/challenges.js'
import {readSetting, type Store, writeSetting} from '../store/store.js'
import type {Seal} from '../support/seal.js'
import {type CertificateAuthority, IssueError} from './certificate-authority.js'

interface AcmeDeps {
  store: Store
  seal: Seal
  challenges: Challenges
  /** Where HOKKU_ACME_DIRECTORY, HOKKU_ACME_EAB_KID and HOKKU_ACME_EAB_HMAC_KEY are read. */
  env: NodeJS.ProcessEnv
}

interface Account {
  key: string
  url: string
}

type AcmeClient = typeof import('acme-client')

/** Let's Encrypt; `staging` of HOKKU_ACME_DIRECTORY is its other one, for trials: without its limits, and trusted by nobody. */
const directories: Record<string, string> = {
  production: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
}

const directorySetting = 'acme.directory'

/** How an authority is asked whether it is done: in ms, and how often. About a minute and a half. */
const patience = {backoffMin: 500, backoffMax: 5_000, backoffAttempts: 20}

/**
 * The address of the authority's directory. HOKKU_ACME_DIRECTORY is kept until another one is given: a runtime that somebody else starts
 * shall not ask another authority. Throws invalid_params when it is no address.
 */
export function directoryOf(store: Store, env: NodeJS.ProcessEnv): string {
  const given = env['HOKKU_ACME_DIRECTORY'] || (readSetting(store, directorySetting) ?? 'production')
  const directory = directories[given] ?? given
  if (!/^https?:\/\//.test(directory) || !URL.canParse(directory))
    throw new PlatformError('invalid_params', `HOKKU_ACME_DIRECTORY must be production, staging or an address, not ${given}.`)
  if (env['HOKKU_ACME_DIRECTORY']) writeSetting(store, directorySetting, given)
  return directory
}

/** An authority that speaks ACME (RFC 8555). Its account, one per directory, is made when it is first needed and kept sealed. */
export function acmeAuthority(deps: AcmeDeps): CertificateAuthority {
  const directory = directoryOf(deps.store, deps.env)
  return {
    async issue(hostname, onProven) {
      // Loading it takes a quarter of a second and 20 MB, which few homes need.
      const acme = await import('acme-client')
      // It would wait for as long as it is told to; ACM has its own times. The setting is documented, but has no type.
      ;(acme.axios.defaults as unknown as {acmeSettings: {retryMaxAttempts: number}}).acmeSettings.retryMaxAttempts = 0
      try {
        const client = await clientFor(acme, directory, deps)
        return await order(acme, client, {hostname, challenges: deps.challenges, onProven})
      } catch (error) {
        throw inWords(error, directory)
      }
    },
  }
}

async function clientFor(acme: AcmeClient, directory: string, {store, seal, env}: AcmeDeps): Promise<Client> {
  const setting = `acme.account.${directory}`
  const sealed = readSetting(store, setting)
  const account = sealed === undefined ? undefined : (JSON.parse(seal.open(sealed)) as Account)
  const key = account?.key ?? (await acme.crypto.createPrivateEcdsaKey()).toString()
  const [kid, hmacKey] = [env['HOKKU_ACME_EAB_KID'], env['HOKKU_ACME_EAB_HMAC_KEY']]
  const client = new acme.Client({
    directoryUrl: directory,
    accountKey: key,
    ...(account === undefined ? {} : {accountUrl: account.url}),
    ...(kid && hmacKey ? {externalAccountBinding: {kid, hmacKey}} : {}),
    ...patience,
  })
  if (account !== undefined) return client
  await client.createAccount({termsOfServiceAgreed: true})
  writeSetting(store, setting, seal.seal(JSON.stringify({key, url: client.getAccountUrl()})))
  return client
}

interface Wanted {
  hostname: string
  challenges: Challenges
  onProven: () => void
}

async function order(acme: AcmeClient, client: Client, {hostname, challenges, onProven}: Wanted): Promise<Identity> {
  const ordered = await client.createOrder({identifiers: [{type: 'dns', value: hostname}]})
  for (const authorization of await client.getAuthorizations(ordered)) await prove(client, authorization, challenges)
  onProven()
  const key = (await acme.crypto.createPrivateEcdsaKey()).toString()
  const [, request] = await acme.crypto.createCsr({altNames: [hostname]}, key)
  const certificate = await client.getCertificate(await client.finalizeOrder(ordered, request))
  return {key, certificate}
}

async function prove(client: Client, authorization: Authorization, challenges: Challenges): Promise<void> {
  if (authorization.status === 'valid') return
  const challenge = authorization.challenges.find(one => one.type === 'http-01')
  if (challenge === undefined) throw new IssueError('The certificate authority offers no http-01 challenge')
  challenges.set(challenge.token, await client.getChallengeKeyAuthorization(challenge))
  try {
    await client.completeChallenge(challenge)
    await client.waitForValidStatus(challenge)
  } finally {
    challenges.delete(challenge.token)
  }
}

/** acme-client's errors have the authority's own words; of a connection that fails it says nothing, and stumbles. */
function inWords(error: unknown, directory: string): Error {
  if (error instanceof IssueError) return error
  if (error instanceof TypeError)
    return new IssueError(`The certificate authority at ${new URL(directory).host} cannot be reached`, {cause: error})
  return new IssueError((error as Error).message, {cause: error})
}
