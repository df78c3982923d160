import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Of those that need an engine, the ones that take minutes. */
const longest = [
  'docker/addon-clients',
  'docker/build',
  'e2e/engine-restart',
  'e2e/faults',
  'e2e/postgres-replication',
  'e2e/security',
  'docker/builds',
  'docker/jvm',
  'docker/router-codes',
  'e2e/failures',
  'e2e/backups',
  'e2e/sleep',
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
