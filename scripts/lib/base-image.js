import {spawn} from 'node:child_process'
import {call} from './engine.js'
import {isInstalled, run, say} from './run.js'

export const base = {repository: 'debian', tag: '13-slim', suite: 'trixie'}

/**
 * What the image of that name has from a registry, too: packages come without their documentation and translations, are not synced file by
 * file to a disk whose layers nobody sees half made, and do not stay in the layers that install them.
 */
const options = [
  ...['doc', 'info', 'lintian/overrides', 'locale', 'man'].map(folder => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  '--dpkgopt=path-include=/usr/share/locale/locale.alias',
  '--dpkgopt=force-unsafe-io',
  '--aptopt=Acquire::Languages "none"',
  '--aptopt=DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb || true"; }',
]

/** Makes sure that the engine has the base image: there already, pulled, or bootstrapped from Debian's packages. */
export async function ensureBaseImage(socket) {
  const name = `${base.repository}:${base.tag}`
  if ((await call(socket, 'GET', `/images/${name}/json`)).status === 200) return
  say(`Pulling ${name}`)
  if (await pulled(socket)) return
  say(`No image registry answers: bootstrapping ${name} from Debian's packages (about 30 s)`)
  await bootstrap(socket)
  if ((await call(socket, 'GET', `/images/${name}/json`)).status !== 200) throw new Error(`${name} could not be made.`)
}

async function pulled(socket) {
  const pull = call(socket, 'POST', `/images/create?fromImage=${base.repository}&tag=${base.tag}`)
  const answer = await pull.catch(() => undefined)
  return answer?.status === 200 && !answer.text.includes('"error"')
}

async function bootstrap(socket) {
  if (!isInstalled('mmdebstrap')) {
    if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
      throw new Error('Install mmdebstrap, or give the engine a way to an image registry.')
    await run('apt-get', ['update', '-qq'], {stdio: ['ignore', 'ignore', 'inherit']})
    await run('apt-get', ['install', '-y', '-qq', 'mmdebstrap'], {stdio: ['ignore', 'ignore', 'inherit']})
  }
  const tar = spawn('mmdebstrap', ['--quiet', '--variant=minbase', '--include=ca-certificates', ...options, base.suite, '-'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((done, failed) => {
    tar.on('error', failed)
    tar.on('exit', code => (code === 0 ? done() : failed(new Error(`mmdebstrap ended with ${code}`))))
  })
  const answer = await call(socket, 'POST', `/images/create?fromSrc=-&repo=${base.repository}&tag=${base.tag}`, tar.stdout)
  await ended
  if (answer.status !== 200) throw new Error(`The base image could not be imported: ${answer.text}`)
}
