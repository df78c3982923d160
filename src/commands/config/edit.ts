import {string} from '@oclif/core/args'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError} from '../../lib/cli/command-error.js'
import {type ConfigDifference, configDifferences, configText, parseConfigText} from '../../lib/cli/config-text.js'
import {editText} from '../../lib/cli/editor.js'
import {appFlags, confirmFlags} from '../../lib/cli/flags.js'
import {shellQuote} from '../../lib/cli/formats/styled.js'
import {agreed, needTerminal} from '../../lib/cli/prompts.js'
import type {ConfigVars} from '../../lib/schema/resources.js'

export default class ConfigEdit extends BaseCommand {
  static override description = `edit config vars in a text editor
Opens $VISUAL or $EDITOR with all config vars, or with the value of one. What was added, changed or removed is shown and, if you agree, set in one release.`
  static override examples = ['<%= config.bin %> config:edit --app demo', '<%= config.bin %> config:edit BANNER --app demo']
  static override args = {key: string({description: 'edit this config var only: the file is its value'})}
  static override flags = {...appFlags, ...confirmFlags}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigEdit)
    if (flags.confirm === undefined) needTerminal(this.ui, 'config:edit opens an editor and asks before it changes anything')
    const {platform, app} = await this.target(flags)
    const before = await platform.configVars.list(app)
    const differences = configDifferences(before, await this.edited(before, args.key))
    if (differences.length === 0) return this.ui.warn('no changes to config')
    this.show(differences)
    const question = `Update config on ${this.ui.err.app(app)} with these values?`
    if (!(await agreed(this.ui, question, {app, given: flags.confirm}))) return this.ui.note('Nothing was changed.')
    await this.ui.action(
      `Updating config and restarting ${this.ui.err.app(app)}`,
      async () => {
        // As Heroku's: what somebody else has set meanwhile must not be undone by an old copy of it.
        if (configDifferences(before, await platform.configVars.list(app)).length > 0)
          throw new CommandError('Config changed on server. Refusing to update.', {id: 'conflict'})
        await platform.configVars.update(app, Object.fromEntries(differences.map(({name, after}) => [name, after ?? null])))
        return platform.releases.newest(app)
      },
      release => (release ? `done, ${this.ui.err.name(`v${release.version}`)}` : 'done'),
    )
  }

  private async edited(before: ConfigVars, key: string | undefined): Promise<ConfigVars> {
    if (key === undefined) return parseConfigText(await editText(configText(before), {name: 'config.env', env: this.env}))
    const old = before[key] ?? ''
    const text = await editText(old, {name: 'value.txt', env: this.env})
    // Editors end a file with a newline that nobody typed.
    const value = !old.endsWith('\n') && text.endsWith('\n') ? text.replace(/\r?\n$/, '') : text
    if (value === '' && before[key] === undefined) return before
    return {...before, [key]: value}
  }

  private show(differences: ConfigDifference[]): void {
    const {out} = this.ui
    this.ui.log('\nConfig Diff:')
    for (const {name, before, after} of differences) {
      if (before !== undefined) this.ui.log(out.failure(`- ${name}=${shellQuote(before)}`))
      if (after !== undefined) this.ui.log(out.number(`+ ${name}=${shellQuote(after)}`))
    }
    this.ui.log()
  }
}
