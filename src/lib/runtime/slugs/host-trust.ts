import {readFile} from 'node:fs/promises'
import {toKeystore} from './java-keystore.js'

export interface HostTrust {
  /** PEM: the system's bundle and whatever the environment adds to it. Undefined when the host has none. */
  ca: Buffer | undefined
  /** The same for Java, which reads no PEM: made at the first use, for a hundred certificates take a while. */
  readonly keystore?: Buffer | undefined
  /** HTTP_PROXY and its kin. BuildKit knows these build args: they are in no layer, history or cache key. */
  proxies: Record<string, string>
}

/** The secrets that `withTrust` and every step mount: nothing where the host has no certificates. */
export function trustSecrets({ca, keystore}: HostTrust): Record<string, Buffer> {
  return {...(ca === undefined ? {} : {ca}), ...(keystore === undefined ? {} : {'ca-java': keystore})}
}

const systemBundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']
const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'FTP_PROXY'].flatMap(name => [name, name.toLowerCase()])

/** What this host needs to reach the outside, so that builds behind an inspecting proxy work as the host does. */
export async function hostTrust(env: NodeJS.ProcessEnv): Promise<HostTrust> {
  const base = await firstReadable([env['SSL_CERT_FILE'], ...systemBundles])
  const extra = await firstReadable([env['NODE_EXTRA_CA_CERTS']])
  const parts = [base, extra !== undefined && base?.includes(extra) ? undefined : extra].filter(part => part !== undefined)
  const proxies = proxyVariables.flatMap(name => (env[name] ? [[name, env[name]]] : []))
  if (parts.length === 0) return {ca: undefined, proxies: Object.fromEntries(proxies)}
  const bundle = parts.join('\n')
  let keystore: Buffer | undefined
  return {
    ca: Buffer.from(bundle),
    get keystore() {
      keystore ??= toKeystore(bundle)
      return keystore
    },
    proxies: Object.fromEntries(proxies),
  }
}

async function firstReadable(paths: (string | undefined)[]): Promise<string | undefined> {
  for (const path of paths) {
    if (!path) continue
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text) return text
  }
  return undefined
}
