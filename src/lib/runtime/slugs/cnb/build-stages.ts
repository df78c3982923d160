import {quoted} from '../../buildpacks/shell.js'
import {stepShell} from '../bounded-build.js'
import {caVariables} from '../dockerfile.js'
import {cacheMark} from '../plan-context.js'
import type {Builder} from './builder.js'
import {buildpackFolder, type OrderPlan} from './order.js'

/** Names of stages: what BuildKit calls their steps by. */
export const buildStage = 'cnb-build'
export const planStage = 'cnb-plan'

/** Where the source is, and what buildpacks make of it. */
export const appFolder = '/workspace'
export const layersFolder = '/layers'
/** Where our own files are while it builds. */
export const scratch = '/tmp/hokku'
/** Secret ids: the variables of the build as shell, the host's certificates. */
export const varsSecret = 'cnb-vars'

/** What steps of one app's builds share. */
export interface Lifecycle {
  /** The builder's image, as the engine knows it. */
  image: string
  builder: Pick<Builder, 'uid' | 'gid' | 'platformApi'>
  order: OrderPlan
  appId: string
  /** Whatever is new with each build: buildpacks run every time, as on Heroku. */
  mark: string
  trust: 'host-ca' | 'none'
}

/**
 * The stages that detect and build, and the one that holds what they tell of the result, `planStage`. The builder's own lifecycle does
 * both as the builder's own user; layers that the last build has left come from a cache of the app's and go to it in `app-stages.ts`.
 */
export function buildStages(lifecycle: Lifecycle): string {
  const {image, builder, order} = lifecycle
  const owner = `--chown=${builder.uid}:${builder.gid}`
  const given = [
    ...(order.order === undefined ? [] : ['COPY cnb/order.toml /cnb/order.toml']),
    ...(order.files.length === 0 ? [] : ['COPY cnb/buildpacks/ /cnb/buildpacks/']),
    ...order.folders.map(({id, version}, index) => copy(`cnb/folders/${index}/`, `/cnb/buildpacks/${buildpackFolder(id, version)}/`)),
  ]
  return [
    `FROM ${image} AS ${buildStage}`,
    ...given,
    `COPY ${owner} cnb/layers/ ${layersFolder}/`,
    `COPY ${owner} app/ ${appFolder}/`,
    `USER ${builder.uid}:${builder.gid}`,
    `WORKDIR ${appFolder}`,
    stepShell,
    `RUN ${[...mounts(lifecycle), script(lifecycle).join('; ')].join(' ')}`,
    '',
    `FROM scratch AS ${planStage}`,
    `COPY --from=${buildStage} ${scratch}/plan/ /plan/`,
    '',
  ].join('\n')
}

/** A cache of the app's own, at /cache: what the last good build has left. */
export function layerCache({appId, builder: {uid, gid}}: Pick<Lifecycle, 'appId' | 'builder'>): string {
  return `--mount=type=cache,id=cnb-${appId},sharing=locked,target=/cache,uid=${uid},gid=${gid}`
}

/** COPY of names that may hold anything but what a pattern is made of. */
export function copy(from: string, to: string, ...flags: string[]): string {
  return ['COPY', ...flags, JSON.stringify([from, to])].join(' ')
}

function mounts({appId, builder, trust}: Lifecycle): string[] {
  const secret = (id: string): string =>
    `--mount=type=secret,id=${id},target=/run/hokku/${id},uid=${builder.uid},gid=${builder.gid},mode=0400`
  return [
    layerCache({appId, builder}),
    '--mount=type=tmpfs,target=/run/hokku-platform',
    secret(varsSecret),
    ...(trust === 'host-ca' ? [secret('ca')] : []),
  ]
}

function script({appId, mark, builder: {platformApi}}: Lifecycle): string[] {
  const folders = `-app ${appFolder} -layers ${layersFolder} -platform /run/hokku-platform -no-color`
  return [
    cacheMark(appId),
    `: ${mark}`,
    `export CNB_PLATFORM_API=${platformApi} CNB_DEPRECATION_MODE=quiet`,
    'mkdir /run/hokku-platform/env',
    `. /run/hokku/${varsSecret}`,
    `if test -e /cache/complete; then cp -a /cache/layers/restored/. ${layersFolder}/; fi`,
    `/cnb/lifecycle/detector ${folders} -order /cnb/order.toml -group ${layersFolder}/group.toml -plan ${layersFolder}/plan.toml`,
    `/cnb/lifecycle/builder ${folders} -group ${layersFolder}/group.toml -plan ${layersFolder}/plan.toml`,
    ...collectPlan,
  ]
}

/** What is needed to say how the image is put together: all that is said in TOML, and which folders there are, each with a digest. */
const collectPlan = [
  `mkdir -p ${scratch}/plan; cd ${layersFolder}`,
  `find . -maxdepth 2 -name '*.toml' -type f -exec cp --parents -t ${scratch}/plan '{}' +`,
  'shopt -s nullglob',
  `for folder in */*/; do print=$(cd "$folder"; find . '(' -type d -printf 'd %m %p\\n' ')' -o -printf '%y %m %s %T@ %p %l\\n' | LC_ALL=C sort | sha256sum); echo "\${print%% *} $folder"; done > ${scratch}/plan/folders`,
]

/** Shell that writes the variables to where buildpacks find them. In memory only: no layer has them. */
export function platformEnv(vars: Record<string, string>): string {
  return Object.entries(vars)
    .map(([name, value]) => `printf %s ${quoted(value)} > /run/hokku-platform/env/${name}\n`)
    .join('')
}

/** The host's certificates for all buildpacks. */
export function trustEnv(trust: 'host-ca' | 'none'): Record<string, string> {
  return trust === 'none' ? {} : Object.fromEntries(caVariables.map(name => [name, '/run/hokku/ca']))
}
