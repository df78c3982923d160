import {resolve} from 'node:path'
import type {Readable} from 'node:stream'
import {string as stringArgument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../lib/cli/base-command.js'
import {CommandError, exitCodes} from '../lib/cli/command-error.js'
import {appFlags} from '../lib/cli/flags.js'
import {followBuild} from '../lib/cli/follow-build.js'
import {git} from '../lib/cli/git.js'
import {isTarball, tarballAt, tarballOf} from '../lib/cli/source-tarball.js'
import {untilUnwanted} from '../lib/cli/until-unwanted.js'
import type {Platform} from '../lib/client/platform.js'
import type {Build} from '../lib/schema/resources.js'

export default class Deploy extends BaseCommand {
  static override description =
    'deploy a directory, a tarball or the URL of one, without git\nA directory is sent as git would take it, without what .gitignore and .slugignore name. A URL (http or https) is fetched by the runtime; an archive that holds everything in one folder, as GitHub makes them, is taken from there. Exits with 1 when the build fails; Ctrl-C leaves it to go on.'
  static override examples = [
    '<%= config.bin %> deploy -a demo',
    '<%= config.bin %> deploy --dir ./build -a demo',
    '<%= config.bin %> deploy app.tar.gz -a demo',
    '<%= config.bin %> deploy https://github.com/heroku/node-js-getting-started/archive/main.tar.gz -a demo',
  ]
  static override args = {
    tarball: stringArgument({description: '.tar, .tar.gz or .tgz file, or its URL (default: the current directory)', required: false}),
  }
  static override flags = {
    ...appFlags,
    dir: string({description: 'directory to deploy', default: '.', exclusive: ['tarball']}),
    version: string({description: 'what to call this version of the source (default: the current git commit)'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Deploy)
    const given = args.tarball ?? flags.dir
    const url = /^\w+:\/\//.test(given) ? addressOf(given) : undefined
    const path = resolve(given)
    const packed = url === undefined && (await isTarball(path))
    const {platform, app} = await this.target(flags)
    const from = url ?? (await this.upload(platform, app, () => (packed ? tarballAt(path) : tarballOf(path))))
    const version = flags.version ?? (packed || url !== undefined ? undefined : await commitOf(path))
    const build = await platform.builds.create(app, {url: from, ...(version && {version})})
    const finished = await this.follow(platform, app, build)
    if (finished.status !== 'succeeded') throw new CommandError(`Build ${finished.id} of ${app} ${finished.status}.`, {id: 'build_failed'})
  }

  private async upload(platform: Platform, app: string, tarball: () => Promise<Readable>): Promise<string> {
    return await this.ui.action(`Uploading ${this.ui.err.app(app)}'s source`, async () => {
      const place = await platform.builds.createSource()
      await platform.builds.upload(place, await tarball())
      return place.source_blob.get_url
    })
  }

  /** As with Heroku's push, whoever leaves stops nothing. */
  private async follow(platform: Platform, app: string, build: Build): Promise<Build> {
    const {stdout} = this.ui.options
    using unwanted = untilUnwanted(stdout)
    const left = new Promise<never>((_resolve, reject) => {
      const words = `The build goes on. See it with: hokku builds:output ${build.id} --app ${app}; stop it with: hokku builds:cancel ${build.id} --app ${app}`
      const leave = (): void => reject(new CommandError(words, {id: 'interrupted', exit: exitCodes.interrupted}))
      unwanted.signal.addEventListener('abort', leave, {once: true})
    })
    return await Promise.race([followBuild(platform, app, build, text => stdout.write(text), unwanted.signal), left])
  }
}

function addressOf(url: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url
  throw new CommandError(`A source comes from an http or https URL, not from ${url}.`, {id: 'usage', exit: exitCodes.usage})
}

/** Undefined outside of a repository and before its first commit. */
function commitOf(directory: string): Promise<string | undefined> {
  return git(directory, 'rev-parse', '--verify', 'HEAD').catch(() => undefined)
}
