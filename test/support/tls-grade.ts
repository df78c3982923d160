import {spawn, spawnSync} from 'node:child_process'
import {X509Certificate} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'

export interface GradedServer {
  host: string
  port: number
  /** Whom clients trust, in PEM. */
  authority: string
}

/** Whether one of them is missing, told aloud. */
export function gradersMissing(): boolean {
  const missing = ['openssl', 'curl'].filter(program => spawnSync(program, ['--version']).error !== undefined)
  if (missing.length > 0) console.warn(`SKIPPED: what ${missing.join(' and ')} say of TLS: not installed`)
  return missing.length > 0
}

interface Ran {
  status: number | null
  output: string
}

/**
 * What openssl and curl find to say against a TLS server on 127.0.0.1, one sentence for each flaw; none is what SSL Labs gives an A for.
 * Rejects when either program is missing: see `gradersMissing`.
 */
export async function flawsOf(server: GradedServer): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'hokku-grade-'))
  try {
    const authority = join(directory, 'ca.pem')
    await writeFile(authority, server.authority)
    const client = clientOf(server, authority)
    const checks = [protocols, ciphers, chain, connection, renegotiation, resumption, overCurl]
    return (await Promise.all(checks.map(check => check(client, server)))).flat()
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

interface Client {
  /** `openssl s_client` with these arguments, and what is typed into it, a line every half second. */
  openssl(args: string[], typed?: string[]): Promise<Ran>
  curl(args: string[]): Promise<Ran>
}

function clientOf({host, port}: GradedServer, authority: string): Client {
  const address = ['-connect', `127.0.0.1:${port}`, '-servername', host, '-CAfile', authority, '-verify_hostname', host]
  const to = ['--cacert', authority, '--resolve', `${host}:${port}:127.0.0.1`, `https://${host}:${port}/`]
  return {
    openssl: (args, typed = []) => run('openssl', ['s_client', ...address, ...args], typed),
    curl: args => run('curl', ['-sS', '--max-time', '20', ...args, ...to], []),
  }
}

async function run(program: string, args: string[], typed: string[]): Promise<Ran> {
  const child = spawn(program, args, {stdio: ['pipe', 'pipe', 'pipe']})
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += String(data)))
  child.stdin.on('error', () => undefined)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  for (const line of typed) {
    await sleep(500)
    child.stdin.write(line)
  }
  if (typed.length > 0) await sleep(500)
  child.stdin.end()
  return {status: await ended, output}
}

const connected = ({output}: Ran): boolean => /Cipher is (?!\(NONE\))\S+/.test(output)
const anyCipher = ['-cipher', 'ALL:eNULL:@SECLEVEL=0']

async function protocols({openssl}: Client): Promise<string[]> {
  const flaws: string[] = []
  for (const version of ['tls1', 'tls1_1']) if (connected(await openssl([`-${version}`, ...anyCipher]))) flaws.push(`speaks ${version}`)
  for (const version of ['tls1_2', 'tls1_3']) if (!connected(await openssl([`-${version}`]))) flaws.push(`does not speak ${version}`)
  return flaws
}

/** Without forward secrecy, with CBC, broken, or none at all. */
async function ciphers({openssl}: Client): Promise<string[]> {
  const flaws: string[] = []
  for (const weak of ['kRSA', 'SHA1', 'SHA256', 'SHA384', 'aNULL', 'eNULL', 'kDHE'])
    if (connected(await openssl(['-tls1_2', '-cipher', `${weak}:@SECLEVEL=0`]))) flaws.push(`takes ciphers of ${weak}`)
  return flaws
}

async function chain({openssl}: Client, {host}: GradedServer): Promise<string[]> {
  const {output} = await openssl(['-showcerts'])
  const shown = [...output.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([pem]) => new X509Certificate(pem))
  const [leaf] = shown
  if (leaf === undefined) return ['shows no certificate']
  const {publicKey, validFrom, validTo} = leaf
  const {modulusLength = 0, namedCurve} = publicKey.asymmetricKeyDetails ?? {}
  const signatures = [...output.matchAll(/sigalg: (\S+)/g)].map(([, name]) => name!)
  return [
    [/Verify return code: 0 \(ok\)/.test(output), `is not trusted: ${/Verify return code: (.*)/.exec(output)?.[1]}`],
    [leaf.checkHost(host) !== undefined, 'shows a certificate for another host'],
    [shown.slice(1).every((one, index) => shown[index]!.checkIssued(one)), 'shows its chain in a wrong order'],
    [shown.every(one => !one.checkIssued(one)), 'shows the root'],
    [namedCurve !== undefined || modulusLength >= 2048, `has a key of ${modulusLength} bits`],
    [signatures.every(name => /SHA(256|384|512)/i.test(name)), `has signatures by ${signatures}`],
    [Date.parse(validTo) - Date.parse(validFrom) <= 398 * 86_400_000, 'has a certificate for more than 398 days'],
  ].flatMap(([fine, flaw]) => (fine ? [] : [String(flaw)]))
}

async function connection({openssl}: Client): Promise<string[]> {
  const {output} = await openssl(['-tls1_2'])
  return [
    [/^Compression: NONE/m.test(output), 'compresses'],
    [/Secure Renegotiation IS supported/.test(output), 'renegotiates in the old way'],
    [/Server Temp Key: (X25519|ECDH, (prime256v1|secp384r1))/.test(output), 'exchanges keys by a weak group'],
  ].flatMap(([fine, flaw]) => (fine ? [] : [String(flaw)]))
}

/** A client that asks for new handshakes again and again costs the server most. */
async function renegotiation({openssl}: Client): Promise<string[]> {
  const {output, status} = await openssl(['-tls1_2'], ['R\n', 'Q\n'])
  if (!output.includes('RENEGOTIATING')) return ['does not speak tls1_2 for long']
  return status === 0 && !/no renegotiation|handshake failure|:error:/.test(output) ? ['renegotiates when the client asks'] : []
}

async function resumption({openssl}: Client): Promise<string[]> {
  const {output} = await openssl(['-tls1_2', '-reconnect'])
  return output.includes('Reused, TLSv1.2') ? [] : ['resumes no session']
}

async function overCurl({curl}: Client): Promise<string[]> {
  const write = ['-o', '/dev/null', '-w', '%{http_version} %{ssl_verify_result}']
  const [two, one] = await Promise.all([curl(['--http2', ...write]), curl(['--http1.1', ...write])])
  return [
    [two.output === '2 0', `curl cannot have HTTP/2: ${two.output}`],
    [one.output === '1.1 0', `curl cannot have HTTP/1.1: ${one.output}`],
  ].flatMap(([fine, flaw]) => (fine ? [] : [String(flaw)]))
}
