import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, usageError} from '../../lib/cli/command-error.js'
import {needContainerStack} from '../../lib/cli/container-stack.js'
import {appFlags} from '../../lib/cli/flags.js'
import {runAttached} from '../../lib/cli/one-off.js'
import {exitCodeFlags, noTtyFlags} from '../../lib/cli/one-off-flags.js'
import {commandLine, splitRunLine} from '../../lib/cli/run-line.js'

export default class ContainerRun extends BaseCommand {
  static override description = `runs the Docker image that was pushed last for a process type, before it is released
In a one-off dyno with the app's config vars; without a command it runs the image's own.`
  static override usage = 'container:run [FLAGS] PROCESS_TYPE [--] [COMMAND...]'
  static override examples = ['<%= config.bin %> container:run web bash', '<%= config.bin %> container:run worker']
  static override strict = false
  static override flags = {...appFlags, ...exitCodeFlags, ...noTtyFlags}

  async run(): Promise<void> {
    const line = splitRunLine(this.argv, 1)
    const {flags, argv} = await this.parse(ContainerRun, line.own)
    const [type] = argv as string[]
    if (type === undefined) throw usageError('Requires one process type\n\nExample: hokku container:run web bash')
    const {platform, app} = await this.target(flags)
    await needContainerStack(platform, this.ui, app, 'run')
    const image = (await platform.containerImages.list(app)).find(one => one.type === type)
    if (image === undefined)
      throw new CommandError(`No image was pushed for ${type}. Push one with: hokku container:push ${type}`, {id: 'not_found'})
    const command = line.command.length === 0 ? image.command : commandLine(line.command)
    const start = {attach: true, type, command, docker_image: image.docker_image}
    const code = await runAttached(this.ui, platform, {
      ...{app, command, noTty: flags['no-tty'], env: undefined, tellExitCode: flags['exit-code']},
      start: (env, tty) => platform.dynos.create(app, {...start, env, ...(tty ? {} : {force_no_tty: true})}),
    })
    if (code !== 0) this.exit(code)
  }
}
