import type {ContainerSpec} from '../../engine/engine.js'
import {label} from '../../engine/labels.js'
import {defaultDynoSize, findDynoSize} from '../../schema/dyno-sizes.js'
import type {AppRecord} from '../apps/app-record.js'
import type {SlugRecord} from '../slugs/slug-record.js'
import type {DynoContext} from './context.js'
import {launchOf} from './launch.js'
import type {LiveDyno} from './live-dynos.js'

/** The container of a dyno; `env` is its whole environment. */
export function dynoSpec(
  context: DynoContext,
  app: AppRecord,
  slug: SlugRecord,
  dyno: LiveDyno,
  env: Record<string, string>,
): ContainerSpec {
  const size = findDynoSize(dyno.size) ?? findDynoSize(defaultDynoSize)!
  return {
    name: dyno.container,
    entrypoint: [],
    ...launchOf(slug, dyno),
    env,
    labels: dynoLabels(context, app, dyno),
    limits: {memoryBytes: size.memoryBytes, cpuShares: size.shares, ...(size.cpus && {cpus: size.cpus}), pids: size.pids},
    networking: [{network: context.names.network(app.id)}],
    restart: 'never',
    keepOutput: 'copy',
  }
}

/** What all dynos of one app have in common; enough to find them. */
export function appLabels(context: Pick<DynoContext, 'home'>, appId: string): Record<string, string> {
  return {...homeLabels(context), [label.app]: appId}
}

export function homeLabels(context: Pick<DynoContext, 'home'>): Record<string, string> {
  return {[label.home]: context.home, [label.kind]: 'dyno'}
}

/** The app's own network; what is on it is found by `networkLabels`. */
export async function ensureAppNetwork(context: DynoContext, appId: string): Promise<void> {
  await context.engine.ensureNetwork(context.names.network(appId), networkLabels(context, appId))
}

export function networkLabels(context: Pick<DynoContext, 'home'>, appId: string): Record<string, string> {
  return {...appLabels(context, appId), [label.kind]: 'network'}
}

function dynoLabels(context: DynoContext, app: AppRecord, dyno: LiveDyno): Record<string, string> {
  return {
    ...appLabels(context, app.id),
    [label.appName]: app.name,
    [label.dyno]: dyno.name,
    [label.type]: dyno.type,
    [label.dynoId]: dyno.id,
    [label.release]: String(dyno.release.version),
    [label.releaseId]: dyno.release.id,
    [label.port]: String(dyno.port),
    [label.size]: dyno.size,
    [label.command]: dyno.command,
    [label.stack]: dyno.stack,
    ...(dyno.checks.length > 0 && {[label.checks]: JSON.stringify(dyno.checks)}),
    ...(dyno.want !== undefined && {[label.want]: dyno.want}),
  }
}
