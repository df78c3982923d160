import {string as argument} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {openConsole} from '../../lib/cli/console.js'
import {findDatabase, redis} from '../../lib/cli/database.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'

export default class RedisCli extends BaseCommand {
  static override description = `opens a redis prompt
With redis-cli on this machine that one is used, else the one beside the server.`
  static override examples = ['<%= config.bin %> redis:cli --app demo', 'echo "DBSIZE" | <%= config.bin %> redis:cli --app demo']
  static override args = {database: argument({description: 'config var, attachment or name of the database, REDIS_URL by default'})}
  // Heroku asks for --confirm because its connection may be unencrypted; ours does not leave the machine.
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {flags, args} = await this.parse(RedisCli)
    const {platform, app} = await this.target(flags)
    const {addon, configVars} = await findDatabase(platform, app, args.database, redis)
    const url = new URL((await platform.configVars.list(app))[configVars[0] as string] ?? 'redis://127.0.0.1')
    this.ui.note(`Connecting to ${this.ui.err.name(addon.name)} (${configVars.map(one => this.ui.err.name(one)).join(', ')}):`)
    const code = await openConsole(platform, {
      addon: addon.name,
      local: {
        program: 'redis-cli',
        args: ['-h', url.hostname, '-p', url.port],
        env: {...this.env, REDISCLI_AUTH: decodeURIComponent(url.password)},
      },
      inside: ['redis-cli'],
      interactive: 'yes',
    })
    if (code !== 0) this.exit(code)
  }
}
