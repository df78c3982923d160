import {aliasesOf} from '../aliases.js'
import {type BuildPlan, type Buildpack, type BuildStep, RejectedSource, type Source} from '../buildpack.js'
import {type Aptfile, parseAptfile} from './aptfile.js'
import {aptEnv, aptPath, aptProfile} from './profile.js'

const cache = '/tmp/build-cache/apt'

/** heroku-community/apt: set by name only. */
export const apt: Buildpack = {
  name: 'heroku-community/apt',
  aliases: aliasesOf('heroku-community/apt', 'heroku-buildpack-apt'),
  detect: async source => (source.has('Aptfile') ? 'Apt' : undefined),
  async rejection() {
    return ['There is no Aptfile at the root of the source. Write the names of packages into one, a line each.']
  },
  compile,
  release: async () => ({defaultProcessTypes: {}}),
}

async function compile(source: Source): Promise<BuildPlan> {
  const aptfile = parseAptfile((await source.text('Aptfile')) ?? '')
  if (aptfile.packages.length + aptfile.files.length === 0) throw new RejectedSource(['The Aptfile names no package.'])
  return {
    buildpack: 'heroku-community/apt',
    language: 'Apt',
    toolchains: [],
    path: aptPath,
    env: aptEnv,
    decisions: [],
    closing: [],
    dependencies: {files: ['Aptfile'], folders: ['.apt'], install: installStep(aptfile), prune: undefined},
    build: [],
    files: {'.profile.d/000_apt.sh': aptProfile},
    warnings: [],
  }
}

/** As the dyno's user: apt with folders of its own, then every package is unpacked below `/app/.apt`. */
function installStep({packages, files, sources}: Aptfile): BuildStep {
  const apt = `apt-get -o debug::nolocking=true -o dir::cache=${cache}/cache -o dir::state=${cache}/state -o dir::etc::sourcelist=${cache}/none -o dir::etc::sourceparts=${cache}/sources`
  const urls = files.map(url => `curl -sSfL --create-dirs -o ${cache}/urls/$(basename '${url}') '${url}'`)
  return {
    name: 'install',
    heading: 'Installing apt packages',
    introduction: [...packages, ...files],
    run: [
      `rm -rf ${cache}/urls ${cache}/sources ${cache}/cache/archives`,
      `mkdir -p ${cache}/cache/archives/partial ${cache}/state/lists/partial ${cache}/sources ${cache}/urls .apt`,
      `cp -r /etc/apt/sources.list.d/. ${cache}/sources/`,
      `if [ -s /etc/apt/sources.list ]; then cp /etc/apt/sources.list ${cache}/sources/system.list; fi`,
      ...sources.map((line, index) => `echo '${line}' > ${cache}/sources/app-${index}.list`),
      `${apt} -qq update`,
      ...(packages.length === 0 ? [] : [`${apt} -y -qq --allow-downgrades --reinstall -d install ${packages.join(' ')}`]),
      ...urls,
      `find ${cache}/cache/archives ${cache}/urls -name '*.deb' -print0 | sort -z | xargs -0 -r -n 1 sh -c 'echo Unpacking $(basename "$0"); dpkg -x "$0" /app/.apt'`,
      'rewrite() { sed -i "s!^prefix=\\(.*\\)!prefix=/app/.apt\\1!" "$@"; }',
      'find .apt -name "*.pc" -print0 | while IFS= read -r -d "" file; do rewrite "$file"; done',
    ],
    env: {DEBIAN_FRONTEND: 'noninteractive'},
    caches: [{id: 'hokku-apt', target: cache}],
    configVars: [],
  }
}
