import {once} from 'node:events'
import {string as stringArg} from '@oclif/core/args'
import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, exitCodes} from '../../lib/cli/command-error.js'
import {appFlags} from '../../lib/cli/flags.js'
import {forwardPort, parsePorts} from '../../lib/cli/port-forward.js'
import {untilUnwanted} from '../../lib/cli/until-unwanted.js'

export default class PsForward extends BaseCommand {
  static override description = `forward traffic on a local port to a dyno
Several ports with commas between: "4000,9000:9001" forwards port 4000 to port 4000 and port 9000 to port 9001. Only this machine can use
them; ports on which only the dyno itself may connect, such as a debugger's, are reached too.`
  static override examples = [
    '<%= config.bin %> ps:forward 9229 --app demo',
    '<%= config.bin %> ps:forward 4000,9000:9001 --dyno worker.1 --app demo',
  ]
  static override args = {port: stringArg({description: 'port or list of ports to forward', required: true})}
  static override flags = {...appFlags, dyno: string({char: 'd', description: 'the dyno to connect to', default: 'web.1'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PsForward)
    const pairs = parsePorts(args.port)
    const {platform, app} = await this.target(flags)
    const dynos = await platform.dynos.list(app)
    if (!dynos.some(({name}) => name === flags.dyno)) throw new CommandError("Couldn't find that dyno.", {id: 'not_found'})
    using unwanted = untilUnwanted(this.ui.options.stdout)
    for (const {local, remote} of pairs) {
      const there = this.ui.out.name(`${flags.dyno}:${remote}`)
      await forwardPort(
        local,
        () => platform.dynos.forward(app, flags.dyno, remote),
        error => this.ui.warn(`${there}: ${error.message}`),
      )
      this.ui.log(`Listening on ${this.ui.out.name(String(local))} and forwarding to ${there}`)
    }
    this.ui.log('Use CTRL+C to stop port forwarding')
    if (!unwanted.signal.aborted) await once(unwanted.signal, 'abort')
    this.exit(exitCodes.interrupted)
  }
}
