import {accessSync, constants, readFileSync, statfsSync} from 'node:fs'
import {availableParallelism} from 'node:os'
import {fileURLToPath} from 'node:url'
import {defineConfig} from 'vitest/config'
import {LongestFirst} from './test/support/longest-first.js'

/** On a CI machine, which others share, a test that fails is tried once more, and the report says so, and what it found instead. */
const shared = {
  disableConsoleIntercept: true,
  restoreMocks: true,
  env: {NO_COLOR: '1'},
  retry: process.env['CI'] ? 1 : 0,
  chaiConfig: {truncateThreshold: 500},
}

/**
 * With an engine, four files at a time: two that keep a core busy each, and two that wait for most of their time (longest-first.ts). Modules
 * are loaded once for all files of a worker.
 */
const withEngine = {...shared, isolate: false, maxWorkers: 4, sequence: {concurrent: false, groupOrder: 1}}

/**
 * Where unit tests make their folders: in memory on Linux if a gigabyte is free there and programs may run, since finding room for a thousand
 * short-lived homes on a disk takes a fifth of what the kernel does for them.
 */
function temporary(): {TMPDIR?: string} {
  const memory = '/dev/shm'
  try {
    const mount = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .find(line => line.split(' ')[1] === memory)
    const {bavail, bsize} = statfsSync(memory)
    accessSync(memory, constants.W_OK)
    return mount?.includes('noexec') === false && bavail * bsize > 2 ** 30 ? {TMPDIR: memory} : {}
  } catch {
    return {}
  }
}

/** Unit tests are of no host: Java's keystore of all the authorities that one trusts would be made for every image. */
const oneAuthority = {SSL_CERT_FILE: fileURLToPath(new URL('test/support/authority.pem', import.meta.url)), NODE_EXTRA_CA_CERTS: ''}

/** unit needs nothing; the others need an engine, conformance the official CLI too. */
export default defineConfig({
  test: {
    sequence: {sequencer: LongestFirst},
    // Of the few that say they may run side by side.
    maxConcurrency: 3,
    // What a module is once its types are gone is kept in node_modules, by its text: more than half of vitest's own work.
    experimental: {fsModuleCache: true},
    projects: [
      // Files share modules (isolate: false): loading the runtime anew for each would take longer than the tests. Two workers more
      // than there are cores: each waits a good part of its time, for files, processes and vitest itself.
      {
        test: {
          ...shared,
          env: {...shared.env, ...oneAuthority, ...temporary()},
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
          maxWorkers: availableParallelism() + 2,
        },
      },
      {test: {...withEngine, name: 'docker', include: ['test/docker/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 300_000}},
      {test: {...withEngine, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 600_000}},
      // Two files at a time: the official CLI keeps one core busy for two seconds a command, and each file has a runtime of its own.
      {
        test: {
          ...withEngine,
          maxWorkers: 2,
          sequence: {...withEngine.sequence, groupOrder: 2},
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
