import type {Question, Toolchain} from '../buildpack.js'

/** Debian's Go fetches every other one from the module proxy, as it would for a go.mod that asks for it. */
const client = {run: [], build: ['golang-go']}

const asking = {id: '', toolchain: {name: 'go-client', debian: client, downloads: [], install: []}}
const inScratch = 'export GOTOOLCHAIN=local GOPATH=/tmp/go-client HOME=/tmp'

/** All that the proxy lists: `go1.25.14.linux-amd64`. The client waits for ever on a connection that stalls. */
export const goReleases: Question = {
  ...asking,
  id: 'go-releases',
  run: [
    inScratch,
    `timeout 90 go list -m -versions golang.org/toolchain | tr ' ' '\\n' | sed -n 's/^v0\\.0\\.1-\\(go.*\\.linux-a[mr][dm]64\\)$/\\1/p'`,
  ],
}

/** Whether there is that one, listed or not: its name, or nothing. */
export function goRelease(name: string): Question {
  const found = `said=$(timeout 90 go list -m golang.org/toolchain@v0.0.1-${name} 2>&1)`
  // That a proxy has none is an answer, in words or by a status; that it does not answer is none.
  const absent = `echo "$said" | grep -qE 'not found|unknown revision|invalid version|: (403|404|410) ' || { echo "$said" >&2; false; }`
  return {...asking, id: name, run: [inScratch, `if ${found}; then echo ${name}; else ${absent}; fi`]}
}

/** Where Go is in build images. */
export const goRoot = '/usr/local/heroku-build/go'
/** Where it is in dynos too, when the app wants it: GO_INSTALL_TOOLS_IN_IMAGE. */
export const goInImage = '/app/.heroku/go'

/** A release of Go from the module proxy, checked against Go's checksum database by the client. */
export function goToolchain(version: string, where: 'build' | 'image'): Toolchain {
  const kept = where === 'image' ? '/out/run/go' : '/out/build/go'
  return {
    name: 'go',
    debian: client,
    downloads: [],
    install: [
      `export GOTOOLCHAIN=${version} GOPATH=/tmp/go-client HOME=/tmp GOFLAGS=-modcacherw`,
      // Again when a download stalls.
      'for limit in 120 300 900; do if timeout $limit go version; then break; fi; done',
      `mv /tmp/go-client/pkg/mod/golang.org/toolchain@v0.0.1-${version}.linux-* ${kept}`,
      // Half of its files: the standard library's own tests.
      `find ${kept}/src '(' -name testdata -o -name '*_test.go' ')' -prune -exec rm -rf {} +`,
      ...(where === 'build' ? standardLibrary(version, kept) : []),
      'mkdir -p /out/run/go',
    ],
  }
}

/** The go command installs the standard library, and finds it installed, only where that is set: since 1.20 it comes uncompiled. */
export const installedLibrary = 'installgoroot=all'

/** Compiled once for all apps, as an app's first build would. Where that fails, each app compiles what it needs. */
function standardLibrary(version: string, root: string): string[] {
  if (Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0) < 20) return []
  const install = `GOTOOLCHAIN=local GOROOT= GODEBUG=${installedLibrary} GOCACHE=/tmp/go-std ${root}/bin/go install std`
  return [`cd /tmp`, `${install} || rm -rf ${root}/pkg/linux_*`]
}
