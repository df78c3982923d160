import type {BuildPlan, BuildStep} from '../buildpacks/buildpack.js'

const systemPath = '/usr/local/bin:/usr/bin:/bin'

/**
 * Plans as they run for one app: each has the environment and the commands of those before it, as Heroku's `export` files give them on,
 * and caches of the app's own.
 */
export function inContext(plans: BuildPlan[], {stack, appId}: {stack: string; appId: string}): BuildPlan[] {
  const step = (one: BuildStep): BuildStep => ({
    ...one,
    caches: one.caches.map(cache => ({...cache, id: `${cache.id}-${appId}`})),
    run: one.caches.length > 0 ? [cacheMark(appId), ...one.run] : one.run,
  })
  return plans.map((plan, index) => {
    const before = plans.slice(0, index + 1)
    const path = before.toReversed().flatMap(({path: folders}) => folders)
    const {dependencies} = plan
    const keystore = before.map(({keystore: own}) => own).findLast(own => own !== undefined)
    return {
      ...plan,
      ...(keystore === undefined ? {} : {keystore}),
      env: {...Object.assign({}, ...before.map(({env}) => env)), PATH: [...new Set(path), systemPath].join(':'), STACK: stack},
      build: plan.build.map(step),
      dependencies: dependencies && {
        ...dependencies,
        install: step(dependencies.install),
        prune: dependencies.prune && step(dependencies.prune),
      },
    }
  })
}

/**
 * Docker tells of a cache by the command that used it first, not by its id: this, which does nothing, says in the command whose the
 * caches are, so that they can go with the app.
 */
export function cacheMark(appId: string): string {
  return `: caches of ${appId}`
}
