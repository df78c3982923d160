import {BaseCommand} from '../../lib/cli/base-command.js'
import {exitCodes} from '../../lib/cli/command-error.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {timeAgo} from '../../lib/cli/formats/time.js'
import {findRuntime} from '../../lib/client/connect.js'
import {resolveHome} from '../../lib/schema/home.js'
import type {RuntimeStatus} from '../../lib/schema/runtime-status.js'

export default class RuntimeStatusCommand extends BaseCommand {
  static override description = 'show whether the runtime runs, and where\nDoes not start it. Exits with 1 when it does not run.'
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<RuntimeStatus | {running: false; home: string}> {
    await this.parse(RuntimeStatusCommand)
    const platform = await findRuntime(this.env)
    if (!platform) return this.absent()
    if (!this.jsonEnabled()) this.show(platform.status)
    return platform.status
  }

  private absent(): {running: false; home: string} {
    const {root} = resolveHome(this.env)
    process.exitCode = exitCodes.failure
    if (!this.jsonEnabled()) this.ui.log(`The runtime of ${root} is not running. Any command that needs it starts it.`)
    return {running: false, home: root}
  }

  private show(status: RuntimeStatus): void {
    this.ui.header(`hokku runtime ${status.version}`)
    this.ui.object({
      PID: status.pid,
      Home: status.home,
      API: status.url,
      Git: status.git_url,
      Router: status.router ? `port ${status.router.port}, TLS on port ${status.router.tls_port}` : 'not running',
      Engine: status.engine
        ? `Docker ${status.engine.version} (API ${status.engine.apiVersion})`
        : (status.engine_problem ?? 'no engine answers'),
      Preparing: status.preparing?.map(({what, since, line}) => [what, timeAgo(since, new Date()), line].filter(Boolean).join('  ')),
      Started: timeAgo(status.started_at, new Date()),
    })
  }
}
