import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Of those that need an engine, the ones that take a minute and more on two busy cores, as measured: their size says nothing of that. */
const longest = [
  'docker/addon-clients',
  'docker/build',
  'e2e/engine-restart',
  'e2e/postgres-replication',
  'docker/addons',
  'e2e/faults-database-engine',
  'e2e/faults',
  'docker/jvm',
  'e2e/platform-backup',
  'docker/addon-limits',
  'e2e/scheduler',
  'docker/ruby-php',
  'docker/engine',
  'e2e/security',
  'e2e/faults-database',
  'docker/dependencies',
  'e2e/failures',
  'e2e/backups',
  'docker/builds',
  'docker/router-codes',
  'e2e/sleep',
  'e2e/log-services',
  'e2e/health',
  'docker/dyno-codes',
  'docker/cnb',
  'e2e/soak',
  'e2e/ports',
].map(name => `/test/${name}.test.ts`)

/** Begins with the longest files, lest one of them is left alone at the end, with a core to spare. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({moduleId}: TestSpecification): number => {
      const place = longest.findIndex(name => moduleId.endsWith(name))
      return place === -1 ? longest.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
