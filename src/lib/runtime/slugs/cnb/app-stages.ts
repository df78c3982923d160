import {stepShell} from '../bounded-build.js'
import {launcherLayer} from '../container/with-launcher.js'
import type {ContextFile} from '../context.js'
import {cacheMark} from '../plan-context.js'
import type {BuildMetadata} from './build-metadata.js'
import {appFolder, buildStage, copy, type Lifecycle, layerCache, layersFolder, scratch} from './build-stages.js'
import {kept, type Layer} from './layers.js'

const keepStage = 'cnb-keep'

/** What the build has made, and what it is put upon. */
export interface AppImage {
  /** As the engine knows it. */
  runImage: string
  /** Its PATH. */
  path: string
  /** The image with the launcher of dynos. */
  dynoLauncher: string
  metadata: BuildMetadata
  layers: Layer[]
  stores: [path: string, text: string][]
  /** Whether buildpacks have written a bill of materials. */
  sbom: boolean
}

/** The stages that put the app's image together and keep layers for the next build; they come after `buildStages` in one Dockerfile. */
export function appStages(lifecycle: Lifecycle, app: AppImage): string {
  const {uid, gid, platformApi} = lifecycle.builder
  const owner = `--chown=${uid}:${gid}`
  const launch = app.layers.filter(layer => layer.launch)
  const taken = ({path, print}: Layer): string =>
    print === undefined
      ? copy(`${scratch}/reused/${path}/`, `${layersFolder}/${path}/`, `--from=${keepStage}`, owner)
      : copy(`${layersFolder}/${path}/`, `${layersFolder}/${path}/`, `--from=${buildStage}`, owner)
  const {labels, defaultType} = app.metadata
  return [
    `FROM ${buildStage} AS ${keepStage}`,
    `COPY cnb/restored/ ${scratch}/restored/`,
    stepShell,
    `RUN ${layerCache(lifecycle)} ${keepScript(lifecycle, app.layers).join('; ')}`,
    '',
    launcherLayer(app.runImage, app.dynoLauncher).trimEnd(),
    `COPY --from=${buildStage} /cnb/lifecycle/launcher /cnb/lifecycle/launcher`,
    'COPY cnb/process/ /cnb/process/',
    ...launch.map(taken),
    ...(app.sbom ? [copy(`${layersFolder}/sbom/launch/`, `${layersFolder}/sbom/launch/`, `--from=${buildStage}`, owner)] : []),
    `COPY --from=${buildStage} ${owner} ${layersFolder}/config/metadata.toml ${layersFolder}/config/metadata.toml`,
    // Nothing is in it: the image is there only when the layers are kept.
    `COPY --from=${keepStage} ${scratch}/done/ /cnb/process/`,
    // Last, so that a change of code is one layer.
    `COPY --from=${buildStage} ${owner} ${appFolder}/ ${appFolder}/`,
    `ENV CNB_LAYERS_DIR=${layersFolder} CNB_APP_DIR=${appFolder} CNB_PLATFORM_API=${platformApi} CNB_DEPRECATION_MODE=quiet`,
    `ENV PATH=${JSON.stringify(`/cnb/process:/cnb/lifecycle:${app.path}`)}`,
    ...labels.map(({key, value}) => `LABEL ${labelText(key)}=${labelText(value)}`),
    `WORKDIR ${appFolder}`,
    `ENTRYPOINT [${JSON.stringify(defaultType === undefined ? '/cnb/lifecycle/launcher' : processPath(defaultType))}]`,
    'CMD []',
    '',
  ].join('\n')
}

/** The launcher goes by the name it is called by. */
export function processPath(type: string): string {
  return `/cnb/process/${type}`
}

/** The files that the stages copy: links for process types, metadata for the next build. */
export function appFiles({metadata, layers, stores}: AppImage): ContextFile[] {
  const types = Object.keys(metadata.processTypes)
  const restored: [string, string][] = [
    ...stores,
    ...layers.filter(layer => kept(layer) !== 'nothing').map(({path, restored}): [string, string] => [`${path}.toml`, restored]),
  ]
  return [
    {path: 'cnb/process/.types', content: Buffer.from(types.map(type => `${type}\n`).join(''))},
    ...types.map(type => ({path: `cnb/process/${type}`, content: Buffer.alloc(0), link: '/cnb/lifecycle/launcher'})),
    {path: 'cnb/restored/.tomls', content: Buffer.from(restored.map(([path]) => `${path}\n`).join(''))},
    ...restored.map(([path, text]) => ({path: `cnb/restored/${path}`, content: Buffer.from(text)})),
  ]
}

/**
 * Moves what did not change from the last build's cache to this one's, and copies what did. A cache without `complete` counts for nothing:
 * it was left in the middle.
 */
function keepScript({appId, mark}: Lifecycle, layers: Layer[]): string[] {
  return [
    cacheMark(appId),
    `: ${mark}`,
    'old=/cache/layers new=/cache/next whole=',
    'if test -e /cache/complete; then whole=yes; fi',
    'rm -rf /cache/complete $new',
    'mkdir -p $new/restored $new/launched $new/prints',
    'keep() { mkdir -p "$(dirname "$new/$1/$2")" "$(dirname "$new/prints/$2")"; if test "$whole" && test "$(cat "$old/prints/$2" 2> /dev/null)" = "$3" && test -d "$old/$1/$2"; then mv "$old/$1/$2" "$new/$1/$2"; else cp -a "/layers/$2" "$new/$1/$2"; fi; echo "$3" > "$new/prints/$2"; }',
    `reuse() { test "$whole" && test -d "$old/launched/$1" || { echo "The layer $1 has no contents, and the last build has left none to use again."; exit 62; }; mkdir -p "$(dirname "${scratch}/reused/$1")" "$(dirname "$new/launched/$1")" "$(dirname "$new/prints/$1")"; cp -a "$old/launched/$1" "${scratch}/reused/$1"; mv "$old/launched/$1" "$new/launched/$1"; cp "$old/prints/$1" "$new/prints/$1"; }`,
    ...layers.flatMap(({path, print, ...layer}) => {
      const what = kept({path, print, ...layer})
      if (what === 'nothing') return []
      return print === undefined ? [`reuse ${path}`] : [`keep ${what === 'all' ? 'restored' : 'launched'} ${path} ${print}`]
    }),
    `cp -r ${scratch}/restored/. $new/restored/; rm $new/restored/.tomls`,
    'rm -rf $old; mv $new $old; touch /cache/complete',
    `mkdir -p ${scratch}/done`,
  ]
}

function labelText(text: string): string {
  return JSON.stringify(text).replaceAll('$', '\\$')
}
