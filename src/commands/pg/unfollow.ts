import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'

export default class PgUnfollow extends BaseCommand {
  static override description = `stop a replica from following and make it a writeable database
Its server starts again for that, which takes some seconds.`
  static override examples = ['<%= config.bin %> pg:unfollow HEROKU_POSTGRESQL_COBALT_URL --app demo --confirm demo']
  static override args = {database: argument({description: 'config var, attachment or name of the follower', required: true})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgUnfollow)
    const {platform, app} = await this.target(flags)
    const {addon} = await findDatabase(platform, app, args.database, postgres)
    const name = this.ui.err.name(addon.name)
    const {leader} = await platform.data.database(addon.name)
    if (leader === undefined) throw new CommandError(`${addon.name} is not a follower`, {id: 'invalid_params'})
    const warning = `Destructive action\n${name} will become writeable and no longer follow ${this.ui.err.name(leader)}. This cannot be undone.`
    await confirmApp(this.ui, {app, given: flags.confirm, warning})
    await this.ui.action(`${name} unfollowing`, () => platform.data.unfollow(addon.name))
  }
}
