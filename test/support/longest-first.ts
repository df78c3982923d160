import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Of those that need an engine, the ones that take long and keep the processors busy, as measured: their size says nothing of that. */
const busy = [
  'docker/addon-clients',
  'docker/build',
  'e2e/postgres-replication',
  'docker/addon-limits',
  'e2e/engine-restart',
  'e2e/platform-backup',
  'docker/dependencies',
  'docker/addons',
  'e2e/faults-database',
  'e2e/backups',
  'e2e/faults-database-engine',
  'docker/builds',
  'docker/engine',
  'e2e/security',
  'e2e/faults',
  'docker/jvm',
  'docker/ruby-php',
]

/** Those that wait for most of their time: for a limit of Heroku's to pass, a dyno to fall asleep, a minute to come. */
const waiting = [
  'e2e/scheduler',
  'e2e/soak',
  'e2e/failures',
  'docker/router-codes',
  'e2e/sleep',
  'e2e/log-services',
  'docker/dyno-codes',
  'e2e/health',
  'e2e/engine-in-vm',
  'e2e/ports',
]

const order = alternating(busy, waiting).map(name => `/test/${name}.test.ts`)

/**
 * Begins with the longest files, lest one of them is left alone at the end, with a core to spare; of each two one that waits, lest all wait
 * together.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({moduleId}: TestSpecification): number => {
      const place = order.findIndex(name => moduleId.endsWith(name))
      return place === -1 ? order.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

function alternating(some: string[], others: string[]): string[] {
  return some.flatMap((one, index) => [one, ...others.slice(index, index + 1)])
}
