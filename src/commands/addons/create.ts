import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {AddonCommand} from '../../lib/cli/addon-command.js'
import {parseAddonOptions} from '../../lib/cli/addon-options.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {priceText} from '../../lib/cli/formats/price.js'
import type {FullAddOn} from '../../lib/client/addons.js'

export default class AddonsCreate extends AddonCommand {
  static override description = `create a new add-on resource
It waits until the add-on is there; --no-wait lets the app restart later by itself. Options for the service follow after --; those that
say where its data comes from need none.`
  static override usage = 'addons:create SERVICE:PLAN [-- --KEY=VALUE ...]'
  static override examples = [
    '<%= config.bin %> addons:create heroku-postgresql:essential-0 --app demo',
    '<%= config.bin %> addons:create heroku-postgresql:standard-0 --fork DATABASE_URL --app demo',
    '<%= config.bin %> addons:create heroku-postgresql:standard-0 --follow DATABASE_URL --app demo',
    "<%= config.bin %> addons:create heroku-postgresql:standard-0 --rollback DATABASE_URL --to '2026-11-30 10:00+00' --app demo",
    '<%= config.bin %> addons:create heroku-redis:mini --as CACHE --name my-cache --app demo',
  ]
  static override aliases = ['addons:add']
  static override enableJsonFlag = true
  static override strict = false
  static override args = {
    'service:plan': argument({required: true, description: 'unique identifier or globally unique name of the add-on service and plan'}),
  }
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    as: string({description: 'name for the initial add-on attachment'}),
    fork: string({description: 'database to begin with a copy of', exclusive: ['follow', 'rollback']}),
    follow: string({description: 'database to be a read-only replica of', exclusive: ['rollback']}),
    rollback: string({description: 'database to begin with an earlier state of'}),
    to: string({description: "time to roll back to ('2026-11-30 10:00+00')", dependsOn: ['rollback'], exclusive: ['by']}),
    by: string({description: "how far to roll back ('1 day 3 hours')", dependsOn: ['rollback']}),
    confirm: string({description: 'overwrite existing config vars or existing add-on attachments'}),
    name: string({description: 'name for the add-on resource'}),
    wait: boolean({description: 'watch add-on creation status and exit when complete', default: true, allowNo: true}),
  }

  async run(): Promise<FullAddOn> {
    const {flags, args, argv} = await this.parse(AddonsCreate)
    const plan = args['service:plan']
    const {name, as, fork, follow, rollback, to, by} = flags
    const config = {...given({fork, follow, rollback, to, by}), ...parseAddonOptions((argv as string[]).slice(1))}
    const {platform, app} = await this.target(flags)
    const request = {plan, config, ...(name !== undefined && {name}), ...(as !== undefined && {as})}
    const created = await this.confirmed(app, flags.confirm, confirm =>
      this.ui.action(
        `Creating ${this.ui.err.name(plan)} on ${this.ui.err.app(app)}`,
        () => platform.addons.create(app, {...request, ...(confirm !== undefined && {confirm})}),
        addon => this.ui.err.number(priceText(addon.plan.price)),
      ),
    )
    const waits = flags.wait && created.state === 'provisioning'
    const addon = waits ? await this.waitForAddon(platform, created, `Waiting for ${this.ui.err.name(created.name)}`, 0.5) : created
    if (!this.jsonEnabled()) this.show(addon)
    return addon
  }

  private show(addon: FullAddOn): void {
    const {bin} = this.config
    const name = this.ui.out.name(addon.name)
    if (addon.state === 'provisioning') {
      this.ui.log(`${name} is being created in the background. The app will restart when complete...`)
      this.ui.log(`Run ${this.ui.out.command(`${bin} addons:info ${addon.name}`)} to check creation progress.`)
    } else this.ui.log(`Created ${name} as ${addon.config_vars.map(one => this.ui.out.name(one)).join(', ')}`)
    if (addon.provision_message) this.ui.log(addon.provision_message)
    this.ui.log(`Run ${this.ui.out.command(`${bin} addons:docs ${addon.addon_service.name}`)} to view documentation.`)
  }
}

function given(options: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter((one): one is [string, string] => one[1] !== undefined))
}
