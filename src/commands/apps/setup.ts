import {resolve} from 'node:path'
import {string as stringArgument} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {parseAssignments} from '../../lib/cli/assignments.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {followBuild} from '../../lib/cli/follow-build.js'
import {tarballOf} from '../../lib/cli/source-tarball.js'
import type {Platform} from '../../lib/client/platform.js'
import {poll} from '../../lib/client/poll.js'
import type {AppSetup} from '../../lib/schema/resources.js'

export default class AppsSetup extends BaseCommand {
  static override description = `create an app as its app.json says
Config vars, add-ons, buildpacks, first build, formation and the postdeploy script, as an app setup on Heroku.`
  static override enableJsonFlag = true
  static override examples = ['<%= config.bin %> apps:setup my-app', '<%= config.bin %> apps:setup --dir ./shop --env API_KEY=abc']
  static override args = {app: stringArgument({description: 'name of app to create', required: false})}
  static override flags = {
    ...jsonFlags,
    dir: string({description: 'directory with the source and its app.json', default: '.'}),
    env: string({char: 'e', description: 'config var to set, KEY=VALUE; wins over app.json', multiple: true}),
  }

  async run(): Promise<AppSetup> {
    const {args, flags} = await this.parse(AppsSetup)
    const env = flags.env === undefined ? {} : parseAssignments(flags.env)
    const platform = await this.connect()
    const source = await this.ui.action('Uploading source', async () => {
      const place = await platform.builds.createSource()
      await platform.builds.upload(place, await tarballOf(resolve(flags.dir)))
      return place.source_blob.get_url
    })
    const request = {app: {...(args.app && {name: args.app})}, source_blob: {url: source}, overrides: {env}}
    const setup = await this.ui.action(
      'Setting up app',
      () => platform.appSetups.create(request),
      made => this.ui.err.app(made.app.name),
    )
    const finished = await this.follow(platform, setup)
    if (finished.status === 'failed') throw failure(finished)
    const app = await platform.apps.info(finished.app.name)
    if (!this.jsonEnabled()) this.ui.log(`${app.web_url} | ${app.git_url}`)
    return finished
  }

  /** The build's output as it comes, once there is a build, then the end of the setup. */
  private async follow(platform: Platform, setup: AppSetup): Promise<AppSetup> {
    const ask = (): Promise<AppSetup> => platform.appSetups.info(setup.id)
    const begun = await poll(ask, now => now.build !== null || now.status !== 'pending', 0.25)
    if (begun.build !== null) {
      const build = await platform.builds.info(begun.app.name, begun.build.id)
      await followBuild(platform, begun.app.name, build, text => this.ui.options.stderr.write(text))
    }
    const finished = await poll(ask, now => now.status !== 'pending', 0.25)
    if (finished.postdeploy !== null) this.ui.options.stderr.write(finished.postdeploy.output)
    return finished
  }
}

function failure(setup: AppSetup): CommandError {
  const problems = setup.manifest_errors.map(problem => `\n  ${problem}`).join('')
  return new CommandError(`Setup of ${setup.app.name} failed: ${setup.failure_message}${problems}`, {id: 'app_setup_failed'})
}
