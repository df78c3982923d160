import {boolean, integer, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {type DynoWait, dynoWait} from '../../lib/cli/dyno-wait.js'
import {appFlags} from '../../lib/cli/flags.js'
import type {Platform} from '../../lib/client/platform.js'
import {poll} from '../../lib/client/poll.js'

type Waiting = Extract<DynoWait, {state: 'waiting'}>

export default class PsWait extends BaseCommand {
  static override description = `wait for all dynos to be running the latest version after a release
Fails when the release command fails or a dyno of the new release crashes.`
  static override examples = ['<%= config.bin %> ps:wait --app demo', '<%= config.bin %> ps:wait --type web --app demo']
  static override flags = {
    ...appFlags,
    type: string({char: 't', description: 'wait for one specific dyno type'}),
    'wait-interval': integer({char: 'w', description: 'how frequently to poll in seconds; sooner at first', default: 1, min: 1}),
    'with-run': boolean({char: 'R', description: 'whether to wait for one-off run dynos', exclusive: ['type']}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(PsWait)
    const {platform, app} = await this.target(flags)
    const ask = (): Promise<DynoWait> => this.ask(platform, app, {type: flags.type, withRun: flags['with-run']})
    const first = await ask()
    if (first.state === 'waiting') await this.wait(first, ask, flags['wait-interval'])
    else if (first.state === 'failed') throw new CommandError(first.because, {id: 'release_failed'})
  }

  private async ask(platform: Platform, app: string, which: {type: string | undefined; withRun: boolean}): Promise<DynoWait> {
    const [release, dynos] = await Promise.all([platform.releases.newest(app), platform.dynos.list(app)])
    if (release === undefined) throw new CommandError(`App ${app} has no releases`, {id: 'no_releases'})
    return dynoWait(release, dynos, which)
  }

  private async wait(first: Waiting, ask: () => Promise<DynoWait>, interval: number): Promise<void> {
    const title = `Waiting for every dyno to be running ${this.ui.err.name(`v${first.version}`)}`
    await this.ui.action(
      title,
      async () => {
        const end = await poll(ask, ({state}) => state !== 'waiting', interval)
        if (end.state === 'failed') throw new CommandError(end.because, {id: 'release_failed'})
        return end as Extract<DynoWait, {state: 'done'}>
      },
      ({count}) => `${count} / ${count}, done`,
    )
  }
}
