import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import type {Engine} from '../../src/lib/engine/engine.js'
import {label} from '../../src/lib/engine/labels.js'
import {goRoot, goToolchain} from '../../src/lib/runtime/buildpacks/go/toolchain.js'
import {withTrust} from '../../src/lib/runtime/slugs/dockerfile.js'
import {hostTrust, trustSecrets} from '../../src/lib/runtime/slugs/host-trust.js'
import {npmPackages} from '../../src/lib/runtime/slugs/npm-packages.js'
import {quietBuild} from '../../src/lib/runtime/slugs/quiet-build.js'
import {createStacks} from '../../src/lib/runtime/slugs/stacks.js'
import {filesTar} from '../../src/lib/runtime/slugs/tar-write.js'
import {createToolchains} from '../../src/lib/runtime/slugs/toolchains.js'
import {systemClock} from '../../src/lib/runtime/support/clock.js'

/** What is built: the lifecycle as its authors published it. */
export const lifecycleVersion = '0.21.0'
const module = 'github.com/buildpacks/lifecycle'
const phases = ['analyzer', 'builder', 'creator', 'detector', 'exporter', 'extender', 'rebaser', 'restorer']

/**
 * An image that holds the lifecycle of Cloud Native Buildpacks under /cnb/lifecycle and nothing else, compiled from its Go module: once
 * per machine, in some minutes, and kept like the toolchains it is made with. Throws when the module proxy does not have it or answer.
 */
export async function cnbLifecycle(engine: Engine, root: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'hokku-lifecycle-'))
  try {
    const text = (go: string, trust: {ca: unknown}): string =>
      [
        `FROM ${go} AS compile`,
        'USER root',
        'SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]',
        withTrust(compile, trust).replace('RUN', `RUN ${cache}`),
        'FROM scratch',
        'COPY --from=compile /out/ /cnb/lifecycle/',
        '',
      ].join('\n')
    const trust = await hostTrust(process.env)
    const tag = `hokku/cnb-lifecycle:${createHash('sha256')
      .update(text('go', {ca: undefined}))
      .digest('hex')
      .slice(0, 12)}`
    if ((await engine.image(tag)) !== undefined) return tag
    const clock = systemClock
    const wait = {onLine: () => undefined, signal: new AbortController().signal}
    const stacks = createStacks({engine, clock, directory: join(root, 'stacks'), proxies: trust.proxies})
    const packages = npmPackages({directory, clock, env: process.env})
    const toolchains = createToolchains({engine, clock, packages, trust})
    const base = await stacks.ensure('heroku-24', wait)
    const go = await toolchains.ensure(base, [goToolchain('go1.25.14', 'build')], wait.onLine, wait.signal)
    const request = {
      context: Readable.from([filesTar([{path: 'Dockerfile', content: Buffer.from(text(go.build, trust))}])]),
      args: trust.proxies,
      secrets: trustSecrets(trust),
      tags: [tag],
      labels: {[label.kind]: 'toolchain'},
    }
    await quietBuild(engine, request, line => console.error(line))
    return tag
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

/** What was downloaded and compiled stays when a build ends before its end. */
const cache = '--mount=type=cache,id=cnb-lifecycle,target=/tmp/go'

/** Not `go install`, which asks for the list of all versions: not every proxy has one. */
const compile = [
  `export PATH=${goRoot}/bin:$PATH HOME=/tmp GOPATH=/tmp/go GOCACHE=/tmp/go/cache GOTOOLCHAIN=local GOFLAGS=-modcacherw CGO_ENABLED=0`,
  'mkdir -p /tmp/lifecycle /out; cd /tmp/lifecycle; go mod init build',
  // The client waits for ever on a connection that stalls.
  `get() { timeout $1 go get ${module}/cmd/lifecycle@v${lifecycleVersion} ${module}/cmd/launcher@v${lifecycleVersion}; }`,
  'get 60 || get 90 || get 120 || get 300',
  ...['lifecycle', 'launcher'].map(
    name => `go build -trimpath -ldflags "-s -w -X ${module}/cmd.Version=${lifecycleVersion}" -o /out/${name} ${module}/cmd/${name}`,
  ),
  ...phases.map(name => `ln -s lifecycle /out/${name}`),
]
