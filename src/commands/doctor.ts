import {BaseCommand} from '../lib/cli/base-command.js'
import {exitCodes} from '../lib/cli/command-error.js'
import {type Check, examine} from '../lib/cli/doctor/examine.js'
import {gatherFacts} from '../lib/cli/doctor/facts.js'
import {jsonFlags} from '../lib/cli/flags.js'

export default class Doctor extends BaseCommand {
  static override description = `look for what is wrong on this machine and say how to mend it
Engine, ports, disk space, clocks, certificates, versions, permissions. Exits with 1 when something fails.`
  static override enableJsonFlag = true
  static override flags = {...jsonFlags}

  async run(): Promise<Check[]> {
    await this.parse(Doctor)
    const facts = await this.ui.action('Examining this machine', () =>
      gatherFacts({env: this.env, version: this.config.version, connect: () => this.connect()}),
    )
    const checks = examine(facts)
    if (checks.some(({level}) => level === 'fail')) process.exitCode = exitCodes.failure
    if (!this.jsonEnabled()) for (const check of checks) this.show(check)
    return checks
  }

  private show({name, level, message, mend}: Check): void {
    const {out} = this.ui
    const paint = {ok: (text: string) => text, warn: out.warning, fail: out.failure}[level]
    const [first, ...rest] = message.split('\n')
    this.ui.log(`${paint(level.padEnd(4))}  ${name.padEnd(11)}  ${first}`)
    for (const line of rest) this.ui.log(`${' '.repeat(19)}${line}`)
    if (mend !== null) this.ui.log(`${' '.repeat(19)}Try this: ${mend}`)
  }
}
