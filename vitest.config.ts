import {defineConfig} from 'vitest/config'

const shared = {disableConsoleIntercept: true, restoreMocks: true, env: {NO_COLOR: '1'}}

/** unit needs nothing; docker and e2e need an engine and run one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {test: {...shared, name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000}},
      {
        test: {
          ...shared,
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: {concurrent: false},
        },
      },
    ],
  },
})
