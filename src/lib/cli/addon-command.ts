import type {FullAddOn} from '../client/addons.js'
import type {Platform} from '../client/platform.js'
import {poll} from '../client/poll.js'
import {PlatformError} from '../schema/errors.js'
import {BaseCommand} from './base-command.js'
import {CommandError} from './command-error.js'
import {confirmApp} from './prompts.js'

/** What commands about add-ons share. */
export abstract class AddonCommand extends BaseCommand {
  /** The runtime, and the app if one is named or this directory has one. */
  protected async optionalTarget(flags: {
    app?: string | undefined
    remote?: string | undefined
  }): Promise<{platform: Platform; app: string | undefined}> {
    try {
      return await this.target(flags)
    } catch (error) {
      if (!(error instanceof CommandError) || flags.app !== undefined || flags.remote !== undefined) throw error
      return {platform: await this.connect(), app: undefined}
    }
  }

  /** The one add-on that a name means. */
  protected async pickAddon(platform: Platform, identity: string, app: string | undefined): Promise<FullAddOn> {
    const found = await platform.addons.resolve(identity, app)
    if (found.length === 1) return found[0] as FullAddOn
    const names = found.map(addon => addon.name).join(', ')
    throw new CommandError(`Ambiguous identifier; multiple matching add-ons found: ${names}.`, {id: 'multiple_matches'})
  }

  /** Waits until it is there. Throws when it could not be created. `interval` in seconds. */
  protected async waitForAddon(platform: Platform, addon: FullAddOn, title: string, interval: number): Promise<FullAddOn> {
    const done = await this.ui.action(
      title,
      () =>
        poll(
          () => platform.addons.info(addon.name),
          one => one.state !== 'provisioning',
          interval,
        ),
      one => (one.state === 'provisioned' ? 'done' : '!'),
    )
    if (done.state === 'provisioned') return done
    const why = done.provision_message === undefined ? '' : `\n${done.provision_message}`
    throw new CommandError(`The add-on was unable to be created, with status ${done.state}${why}`, {id: 'provisioning_failed'})
  }

  /** Runs a request, and once more with the app's name when the platform wants the user to confirm it. */
  protected async confirmed<T>(app: string, given: string | undefined, request: (confirm: string | undefined) => Promise<T>): Promise<T> {
    try {
      return await request(given)
    } catch (error) {
      if (!(error instanceof PlatformError) || error.id !== 'confirmation_required') throw error
      await confirmApp(this.ui, {app, given, warning: error.message})
      return await request(app)
    }
  }
}
