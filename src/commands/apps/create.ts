import {string as stringArgument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {insideRepository, readRemotes} from '../../lib/cli/git.js'
import {appGitUrl, credentialHelper, installAccess, setRemote} from '../../lib/cli/git-remote.js'
import {readManifest} from '../../lib/cli/manifest.js'
import type {AddOnRequest} from '../../lib/client/addons.js'
import type {Platform} from '../../lib/client/platform.js'
import type {HerokuYml} from '../../lib/schema/heroku-yml.js'
import type {App} from '../../lib/schema/resources.js'

export default class AppsCreate extends BaseCommand {
  static override description = 'creates a new app'
  static override aliases = ['create']
  static override enableJsonFlag = true
  static override examples = [
    '<%= config.bin %> create',
    '<%= config.bin %> create my-app --addons heroku-postgresql,heroku-redis',
    '<%= config.bin %> create --manifest',
  ]
  static override args = {app: stringArgument({description: 'name of app to create', required: false})}
  static override flags = {
    ...jsonFlags,
    addons: string({description: 'comma-delimited list of addons to install'}),
    buildpack: string({char: 'b', description: 'buildpack url to use for this app'}),
    manifest: boolean({char: 'm', description: 'use heroku.yml settings for this app: the container stack, add-ons, config vars'}),
    'no-remote': boolean({char: 'n', description: 'do not create a git remote'}),
    region: string({description: 'specify region for the app to run in'}),
    remote: string({char: 'r', description: 'the git remote to create, default "hokku"', default: 'hokku'}),
    stack: string({char: 's', description: 'the stack to create the app on'}),
  }

  async run(): Promise<App> {
    const {args, flags} = await this.parse(AppsCreate)
    const platform = await this.connect()
    const setup = flags.manifest ? await this.readSetup() : undefined
    const stack = flags.stack ?? (setup && 'container')
    const app = await this.create(platform, {name: args.app, region: flags.region, stack})
    const addons = (flags.addons ?? '').split(',').filter(Boolean)
    for (const addon of [...addons.map(plan => ({plan})), ...(setup?.addons ?? [])])
      await this.ui.action(`Adding ${this.ui.err.name(addon.plan)}`, () => platform.addons.create(app.name, addonRequest(addon)))
    const {config = {}} = setup ?? {}
    if (Object.keys(config).length > 0) await this.ui.action('Setting config vars', () => platform.configVars.update(app.name, config))
    if (flags.buildpack !== undefined) await this.setBuildpack(platform, app, flags.buildpack)
    const gitUrl = appGitUrl(platform.status.git_url, app.name)
    if (!flags['no-remote']) await this.addRemote(platform, flags.remote, gitUrl)
    if (!this.jsonEnabled()) this.ui.log(`${app.web_url} | ${gitUrl}`)
    return app
  }

  private async readSetup(): Promise<NonNullable<HerokuYml['setup']>> {
    const {manifest, warnings} = await this.ui.action('Reading heroku.yml manifest', () => readManifest(process.cwd()))
    for (const warning of warnings) this.ui.warn(warning)
    return manifest.setup ?? {}
  }

  private create(platform: Platform, {name, region, stack}: Record<'name' | 'region' | 'stack', string | undefined>): Promise<App> {
    const body = {...(name && {name}), ...(region && {region}), ...(stack && {stack})}
    return this.ui.action(
      name ? `Creating ${this.ui.err.app(name)}` : 'Creating app',
      () => platform.apps.create(body),
      app => {
        const parts = [
          'done',
          !name && this.ui.err.app(app.name),
          region && `region is ${app.region.name}`,
          stack && `stack is ${app.stack.name}`,
        ]
        return parts.filter(Boolean).join(', ')
      },
    )
  }

  private async setBuildpack(platform: Platform, app: App, buildpack: string): Promise<void> {
    await this.ui.action(`Setting buildpack to ${this.ui.err.command(buildpack)}`, () => platform.buildpacks.set(app.name, [buildpack]))
  }

  /** Like Heroku's, leaves a remote of that name alone when there is one, but says so. */
  private async addRemote(platform: Platform, name: string, url: string): Promise<void> {
    const directory = process.cwd()
    if (!(await insideRepository(directory))) return
    const {remotes} = await readRemotes(directory)
    const existing = remotes.find(one => one.name === name)
    if (existing && existing.url !== url)
      this.ui.warn(`The git remote ${name} leads to ${existing.url} and was not changed. Point it here with git:remote.`)
    if (!existing) await setRemote(directory, name, url, false)
    await installAccess(directory, {gitUrl: platform.status.git_url, helper: credentialHelper(this.env)})
  }
}

type ManifestAddon = NonNullable<NonNullable<HerokuYml['setup']>['addons']>[number]

function addonRequest({plan, as, options}: ManifestAddon): AddOnRequest {
  return {plan, ...(as !== undefined && {as}), ...(options !== undefined && {config: options})}
}
