import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {Readable} from 'node:stream'
import type {Engine} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import type {DebianPackages, Toolchain} from '../buildpacks/buildpack.js'
import {withSuite} from '../buildpacks/debian-suites.js'
import type {Clock} from '../support/clock.js'
import {type Preparation, SharedWork} from '../support/shared-work.js'
import {type BaseImages, withTrust} from './dockerfile.js'
import {type HostTrust, trustSecrets} from './host-trust.js'
import type {Packages} from './npm-packages.js'
import {preparedImage} from './prepared-image.js'
import {tarEnd, tarHeader, tarPadding} from './tar-write.js'

export interface Toolchains {
  /**
   * Images with these toolchains upon the stack's, one upon the other, named by content: every app with the same versions shares them,
   * and nothing is downloaded while they exist.
   */
  ensure(base: BaseImages, toolchains: Toolchain[], onLine: (line: string) => void, signal: AbortSignal): Promise<BaseImages>
  preparing(): Preparation[]
}

interface ToolchainDeps {
  clock: Clock
  engine: Engine
  packages: Packages
  trust: HostTrust
}

export function createToolchains(deps: ToolchainDeps): Toolchains {
  const {engine} = deps
  const work = new SharedWork<void>(deps.clock)
  const one = async (base: BaseImages, toolchain: Toolchain, onLine: (line: string) => void, signal: AbortSignal) => {
    // What the host trusts is in no image, so it is not in the name either.
    const tag = createHash('sha256')
      .update(JSON.stringify([base, toolchain, dockerfile(base, toolchain, {ca: undefined})]))
      .digest('hex')
      .slice(0, 12)
    const images = {run: `hokku/${toolchain.name}:${tag}`, build: `hokku/${toolchain.name}-build:${tag}`}
    const present = await Promise.all([engine.image(images.run), engine.image(images.build)])
    if (present.every(image => image !== undefined)) return images
    await work.join(tag, toolchain.name, print => build({...deps, base, images, toolchain}, print), {onLine, signal})
    return images
  }
  return {
    async ensure(base, toolchains, onLine, signal) {
      let images = base
      for (const toolchain of toolchains) images = await one(images, toolchain, onLine, signal)
      return images
    },
    preparing: () => work.now(),
  }
}

interface ToolchainBuild extends ToolchainDeps {
  base: BaseImages
  images: BaseImages
  toolchain: Toolchain
}

async function build({engine, packages, trust, base, images, toolchain}: ToolchainBuild, onLine: (line: string) => void) {
  const files: string[] = []
  for (const download of toolchain.downloads) {
    onLine(`       Downloading and installing ${download.name.replace(/-linux-.*/, '')} ${download.version}...`)
    files.push(await packages.download(download))
  }
  if (toolchain.downloads.length === 0) onLine(`       Installing ${toolchain.name} (once for all apps)...`)
  const other = new AbortController()
  const image = async (target: 'run' | 'build') => {
    const last: string[] = []
    const request = {
      context: Readable.from(context(dockerfile(base, toolchain, trust), files)),
      target,
      tags: [images[target]],
      args: trust.proxies,
      secrets: trustSecrets(trust),
      labels: {[label.kind]: 'toolchain'},
      signal: other.signal,
    }
    try {
      await preparedImage(engine, request, {what: `The tools "${toolchain.name}"`, onLine: line => last.push(line)})
    } catch (error) {
      // Both begin with the same unpacking: what goes wrong there is said once.
      if (!other.signal.aborted) for (const line of last) onLine(line)
      other.abort()
      throw error
    }
  }
  await Promise.all([image('run'), image('build')])
}

const bash = 'SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]'

function dockerfile(base: BaseImages, toolchain: Toolchain, trust: Pick<HostTrust, 'ca'>): string {
  const {name, debian = {run: [], build: []}, install} = toolchain
  const link = `RUN mkdir -p /app/.heroku && if [ -e /usr/local/heroku/${name} ]; then ln -s /usr/local/heroku/${name} /app/.heroku/${name}; fi`
  const made = (folders: [string, string][]): string[] =>
    install.length === 0 ? [] : [...folders.map(([from, to]) => `COPY --from=unpack --chown=1000:1000 ${from} ${to}`), link]
  return [
    `FROM ${base.build} AS tools`,
    ...apt([...debian.run, ...debian.build], debian.from),
    'FROM tools AS unpack',
    'USER root',
    bash,
    ...(toolchain.downloads.length === 0 ? [] : ['COPY downloads/ /downloads/']),
    'RUN mkdir -p /out/run /out/build',
    ...(install.length === 0 ? [] : [withTrust(install, trust)]),
    `FROM ${base.run} AS run`,
    ...apt(debian.run, debian.from),
    ...made([['/out/run/', '/usr/local/heroku/']]),
    'FROM tools AS build',
    ...made([
      ['/out/run/', '/usr/local/heroku/'],
      ['/out/build/', '/usr/local/heroku-build/'],
    ]),
    '',
  ].join('\n')
}

function apt(packages: string[], from: DebianPackages['from']): string[] {
  if (packages.length === 0) return []
  const install = [
    `apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    'rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/*.log /var/log/apt /usr/share/doc/* /usr/share/man/*',
  ]
  if (from === undefined) return ['USER root', `RUN ${['apt-get update', ...install].join(' && ')}`, 'USER dyno']
  return ['USER root', bash, `RUN ${withSuite(from, install).join('; ')}`, 'USER dyno']
}

async function* context(dockerfileText: string, files: string[]): AsyncGenerator<Buffer> {
  const text = Buffer.from(dockerfileText)
  yield Buffer.concat([tarHeader({path: 'Dockerfile', mode: 0o644, size: text.length}), text, tarPadding(text.length)])
  for (const [index, file] of files.entries()) {
    const {size} = await stat(file)
    yield tarHeader({path: `downloads/${index}.tgz`, mode: 0o644, size})
    yield* createReadStream(file)
    yield tarPadding(size)
  }
  yield tarEnd
}
