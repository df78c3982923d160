import {resolve} from 'node:path'
import {string as stringArgument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../lib/cli/base-command.js'
import {CommandError} from '../lib/cli/command-error.js'
import {appFlags} from '../lib/cli/flags.js'
import {followBuild} from '../lib/cli/follow-build.js'
import {git} from '../lib/cli/git.js'
import {isTarball, tarballAt, tarballOf} from '../lib/cli/source-tarball.js'

export default class Deploy extends BaseCommand {
  static override description =
    'deploy a directory or a tarball, without git\nA directory is sent without what its .gitignore and .slugignore name. Exits with 1 when the build fails.'
  static override examples = [
    '<%= config.bin %> deploy -a demo',
    '<%= config.bin %> deploy --dir ./build -a demo',
    '<%= config.bin %> deploy app.tar.gz -a demo',
  ]
  static override args = {
    tarball: stringArgument({description: '.tar, .tar.gz or .tgz file (default: the current directory)', required: false}),
  }
  static override flags = {
    ...appFlags,
    dir: string({description: 'directory to deploy', default: '.', exclusive: ['tarball']}),
    version: string({description: 'what to call this version of the source (default: the current git commit)'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Deploy)
    const path = resolve(args.tarball ?? flags.dir)
    const packed = await isTarball(path)
    const {platform, app} = await this.target(flags)
    const source = await this.ui.action(`Uploading ${this.ui.err.app(app)}'s source`, async () => {
      const place = await platform.builds.createSource()
      await platform.builds.upload(place, await (packed ? tarballAt(path) : tarballOf(path)))
      return place
    })
    const version = flags.version ?? (packed ? undefined : await commitOf(path))
    const build = await platform.builds.create(app, {url: source.source_blob.get_url, ...(version && {version})})
    const finished = await followBuild(platform, app, build, text => this.ui.options.stdout.write(text))
    if (finished.status !== 'succeeded') throw new CommandError(`Build ${finished.id} of ${app} ${finished.status}.`, {id: 'build_failed'})
  }
}

/** Undefined outside of a repository and before its first commit. */
function commitOf(directory: string): Promise<string | undefined> {
  return git(directory, 'rev-parse', '--verify', 'HEAD').catch(() => undefined)
}
