import {string as argument} from '@oclif/core/args'
import {followFlags, followTransfer} from '../../lib/cli/backups.js'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {findDatabase, postgres} from '../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {confirmApp} from '../../lib/cli/prompts.js'
import type {Platform} from '../../lib/client/platform.js'

export default class PgCopy extends BaseCommand {
  static override description = `copy all data from source db to target
At least one of them is of this app; another app's is named APP::DATABASE. The target's data is replaced in one step at the end.`
  static override examples = ['<%= config.bin %> pg:copy production::DATABASE DATABASE --app staging --confirm staging']
  static override args = {
    source: argument({description: 'config var, attachment or name of the database to copy from', required: true}),
    target: argument({description: 'of the database to copy to', required: true}),
  }
  static override flags = {
    ...appFlags,
    ...confirmFlags,
    ...followFlags,
  }

  async run(): Promise<void> {
    const {flags, args} = await this.parse(PgCopy)
    const {platform, app} = await this.target(flags)
    const [source, target] = [await find(platform, app, args.source), await find(platform, app, args.target)]
    if (source.name === target.name) throw new CommandError('Cannot copy database onto itself', {id: 'invalid_params'})
    const [from, to] = [this.ui.err.name(source.name), this.ui.err.name(target.name)]
    const warning = `Destructive action\nThis command will remove all data from ${to}\nData from ${from} will then be transferred to ${to}`
    await confirmApp(this.ui, {app: target.app, given: flags.confirm, warning})
    const copy = await this.ui.action(`Starting copy of ${from} to ${to}`, () =>
      platform.transfers.copy(target.name, {from_url: source.url, to_url: target.url}),
    )
    await followTransfer(this.ui, platform, copy, {title: 'Copying', app: target.owner, flags})
  }
}

interface Side {
  name: string
  url: string
  /** The app it was named of. */
  app: string
  /** The app it is billed to. */
  owner: string
}

async function find(platform: Platform, app: string, given: string): Promise<Side> {
  const [name, other = app] = given.split('::').reverse() as [string, string?]
  const {addon, configVars} = await findDatabase(platform, other, name, postgres)
  const url = (await platform.configVars.list(other))[configVars[0] ?? '']
  if (url === undefined)
    throw new CommandError(`${addon.name} is not yet provisioned.`, {id: 'not_provisioned', suggestions: [`hokku pg:wait --app ${other}`]})
  return {name: addon.name, url, app: other, owner: addon.app.name}
}
