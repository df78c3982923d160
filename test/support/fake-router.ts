import type {Route, Router} from '../../src/lib/runtime/router/router.js'

/** A router that only remembers what was published last. */
export function fakeRouter(port = 80): Router & {table: Route[]; route(appName: string): Route | undefined} {
  const router = {
    table: [] as Route[],
    route: (appName: string) => router.table.find(route => route.appName === appName),
    start: async () => ({port, tlsPort: port + 363}),
    publish: async (table: Route[]) => {
      router.table = table
    },
    quiet: async () => undefined,
    dial: () => Promise.reject(new Error('This router has no dynos.')),
    problem: () => undefined,
    close: async () => undefined,
  }
  return router
}
