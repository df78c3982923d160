import type {ContainerSpec} from '../../engine/engine.js'
import type {ConfigVars} from '../../schema/resources.js'
import {launcherPath} from '../slugs/container/launcher-path.js'
import type {SlugRecord} from '../slugs/slug-record.js'

const launcher = '/usr/local/bin/dyno-launch'

/** Slug images have no user of that id by name; the number works in every image. */
const unprivileged = '1000:1000'

/** What of a container's spec depends on how its slug was made. What is left out is the image's own. */
export type Launch = Pick<ContainerSpec, 'image' | 'command' | 'user' | 'workdir'>

/**
 * How a dyno is launched so that signals reach all its processes: in a slug by profile scripts and `bash -c`; in the process type's own
 * image as that image says, or by its entrypoint and `/bin/sh -c`, or by the launcher of Cloud Native Buildpacks. Only this file knows the
 * launchers.
 */
export function launchOf(slug: SlugRecord, {type, command}: {type: string; command: string}): Launch {
  if (slug.container === undefined) return {image: slug.image, command: [launcher, command], user: unprivileged, workdir: '/app'}
  // The user may name any type, `constructor` too.
  const own = Object.hasOwn(slug.container, type) ? slug.container[type] : undefined
  const process = own ?? slug.container['web'] ?? Object.values(slug.container)[0] ?? {image: slug.image, entrypoint: []}
  const {image, entrypoint} = process
  if (own !== undefined && slug.processTypes[type] === command) return {image, command: [launcherPath, ...entrypoint, ...own.command]}
  if (slug.stack === 'cnb') return {image, command: [launcherPath, ...lifecycleShell(command)]}
  return {image, command: [launcherPath, ...entrypoint, ...shell(command)]}
}

/** argv that runs a command beside a dyno's own, in its environment. */
export function insideCommand(command: string, stack: string): string[] {
  if (stack === 'cnb') return [launcherPath, '--inside', ...lifecycleShell(command)]
  return stack === 'container' ? [launcherPath, '--inside', ...shell(command)] : [launcher, '--inside', command]
}

/** argv that prints the TCP sockets of a dyno's container, where its image may hold no program for that. */
export function socketsCommand(stack: string): string[] | undefined {
  return stack === 'container' || stack === 'cnb' ? [launcherPath, '--sockets'] : undefined
}

function shell(line: string): string[] {
  return ['/bin/sh', '-c', line]
}

/** The lifecycle's launcher runs a line in the environment that buildpacks made. Heroku's CLI writes the launcher before a command itself. */
function lifecycleShell(line: string): string[] {
  return ['/cnb/lifecycle/launcher', line.replace(/^launcher +/, '')]
}

/** The command for the log: $PORT replaced as on Heroku; config vars stay names, since their values are no business of a log. */
export function commandForLog(command: string, vars: ConfigVars): string {
  return command.replace(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ''
    return (name === 'PORT' && vars['PORT']) || whole
  })
}
