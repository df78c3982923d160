import type {BuildPlan, BuildStep} from '../buildpacks/buildpack.js'

/**
 * The plan whose dependencies are installed where they will run: upon the image that the slug has for its base, with the tools of the build
 * image mounted over it. Then nothing copies them, and large ones are neither read nor written a second time. Undefined where a step over the
 * source comes in between, devDependencies are pruned away, or several buildpacks install.
 */
export function installedInPlace(plans: BuildPlan[]): number | undefined {
  const installing = plans.filter(({dependencies}) => dependencies !== undefined)
  const [only, another] = installing
  if (only === undefined || another !== undefined || plans.some(({build}) => build.length > 0)) return undefined
  return only.dependencies?.prune === undefined ? plans.indexOf(only) : undefined
}

/** The stage of the build image. */
export const tools = 'tools'

/**
 * Where a build image differs from what dynos have. Its own `/etc` stays away: BuildKit puts files in there, which a mount that cannot be
 * written may lack. `/run/hokku` is for what other mounts would leave behind as empty files.
 */
export const toolMounts = [
  '--mount=type=tmpfs,target=/run/hokku',
  ...['/usr', '/var/lib', '/etc/alternatives'].map(folder => `--mount=type=bind,from=${tools},source=${folder},target=${folder}`),
]

const given = '/run/hokku/dependencies'

/** Has a step find its plan's files in `/app`, and leaves nothing of it but the folders it is to make. */
export function inPlace(step: BuildStep, index: number, plans: BuildPlan[]): {mounts: string[]; lines: string[]} {
  const folders = plans[index]?.dependencies?.folders ?? []
  const links = plans.flatMap(({toolchains}) => toolchains.map(({name}) => `.heroku/${name}`))
  const caches = below(
    '/tmp',
    step.caches.map(({target}) => target),
  )
  const removals = [...emptied('/app', [...folders, ...links]), ...emptied('/tmp', caches), ...emptied('/var/tmp', [])]
  return {
    mounts: [...toolMounts, `--mount=type=bind,source=dependencies/${index},target=${given}`],
    lines: [`cp -rP ${given}/. /app/`, ...step.run, ...removals],
  }
}

function below(root: string, paths: string[]): string[] {
  return paths.filter(path => path.startsWith(`${root}/`)).map(path => path.slice(root.length + 1))
}

/** Removes what is in a folder, but for these paths below it. Something that cannot be removed stays. */
function emptied(root: string, kept: string[]): string[] {
  const names = [...new Set(kept.map(path => path.split('/')[0] ?? ''))]
  const removal = `find ${[root, '-mindepth 1 -maxdepth 1', ...names.map(name => `! -name ${name}`)].join(' ')} -exec rm -rf {} + 2> /dev/null || true`
  const deeper = names.flatMap(name => {
    const inside = below(name, kept)
    return inside.length === 0 || kept.includes(name) ? [] : emptied(`${root}/${name}`, inside)
  })
  return [removal, ...deeper]
}
