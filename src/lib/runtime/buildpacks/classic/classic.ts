import {parseReleaseYaml} from '../../../schema/release-yaml.js'
import {type BuildPlan, type Buildpack, type BuildStep, classicSource, type PackedFile} from '../buildpack.js'
import {quoted} from '../shell.js'

interface Classic {
  /** As the user wrote it: `https://github.com/acme/buildpack#v1`. */
  name: string
  /** Its place among the build's buildpacks, from 1. */
  position: number
  /** Undefined: it is the app's own source. */
  files: PackedFile[] | undefined
}

/** `bin/detect` said no. */
export const notCompatible = 86
const cacheFolder = '/tmp/classic-cache'
const madeFolder = '/tmp/classic-release'
/** Where the final image keeps what `bin/detect` and `bin/release` said. */
export const classicRelease = {from: madeFolder, to: '/usr/local/share/heroku-release'}

/** A classic buildpack as one of ours. What it is for is known only when its `bin/detect` has run. */
export function classicBuildpack({name, position, files}: Classic): Buildpack {
  const folder = files === undefined ? classicSource : `/tmp/buildpacks/${position}`
  return {
    name,
    aliases: [],
    detect: async () => undefined,
    rejection: async () => [],
    async compile(): Promise<BuildPlan> {
      return {
        buildpack: name,
        language: '',
        toolchains: [],
        path: [],
        env: {},
        decisions: [],
        closing: [],
        dependencies: undefined,
        build: [compileStep({name, position, folder})],
        classic: {folder, files: files ?? [], language: `${madeFolder}/${position}.name`},
        files: {},
        warnings: [],
      }
    },
    async release(_source, image) {
      const [yaml, language] = await Promise.all(['yml', 'name'].map(kind => image.text(`${classicRelease.to}/${position}.${kind}`)))
      const {processTypes, addons} = parseReleaseYaml(yaml ?? '')
      return {defaultProcessTypes: processTypes, addons, language: language?.trim()}
    },
  }
}

function compileStep({name, position, folder}: {name: string; position: number; folder: string}): BuildStep {
  const made = `${madeFolder}/${position}`
  return {
    name: 'compile',
    heading: `Using buildpack ${name}`,
    introduction: [],
    output: 'verbatim',
    run: [
      'unset GIT_DIR',
      `mkdir -p ${madeFolder} ${cacheFolder} /tmp/env`,
      `[ -f ${folder}/bin/compile ] || { echo ' !     There is no bin/compile in the buildpack.'; exit 1; }`,
      `chmod -f +x ${folder}/bin/* || true`,
      `if ! name=$(${folder}/bin/detect ${classicSource}); then ${refusal(name)}; exit ${notCompatible}; fi`,
      'echo "-----> $name app detected"',
      `${folder}/bin/compile ${classicSource} ${cacheFolder} /tmp/env`,
      `echo "$name" > ${made}.name`,
      `if [ -x ${folder}/bin/release ]; then (if [ -r ${folder}/export ]; then . ${folder}/export; fi; ${folder}/bin/release ${classicSource} > ${made}.yml); fi`,
      'rm -rf /tmp/env',
    ],
    env: {},
    caches: [{id: `hokku-classic-${position}`, target: cacheFolder}],
    configVars: ['*'],
    vars: 'files',
  }
}

function refusal(name: string): string {
  const text = [
    `-----> App not compatible with buildpack: ${name}`,
    '       More info: https://devcenter.heroku.com/articles/buildpacks#buildpack-auto-detection',
  ]
  return text.map(line => `echo ${quoted(line)}`).join('; ')
}
