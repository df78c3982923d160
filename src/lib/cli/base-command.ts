import {Command} from '@oclif/core/command'
import {ExitError} from '@oclif/core/errors'
import type {Input, ParserOutput} from '@oclif/core/interfaces'
import {connect} from '../client/connect.js'
import type {Platform} from '../client/platform.js'
import {resolveHome} from '../schema/home.js'
import {failureOf} from './failure.js'
import {readRemotes} from './git.js'
import {appOfRemotes, namedApp} from './resolve-app.js'
import {Ui} from './ui.js'

// oclif does not export these two.
type FlagOutput = Record<string, unknown>
type ArgOutput = Record<string, unknown>

export interface Target {
  platform: Platform
  app: string
}

/** What every command has: `this.ui`, the runtime, the app in question, and one place that turns errors into words and exit codes. */
export abstract class BaseCommand extends Command {
  protected ui!: Ui
  protected readonly env = process.env

  protected override async init(): Promise<void> {
    this.ui = await this.makeUi()
  }

  /** The runtime, started if need be. */
  protected connect(): Promise<Platform> {
    return connect({
      env: this.env,
      version: this.config.version,
      onStart: reason => this.ui.note(`${reason}...`),
      onWarning: message => this.ui.warn(message),
    })
  }

  /** The runtime and the app: --app, HOKKU_APP, HEROKU_APP, or what the git remotes of this directory mean. */
  protected async target(flags: {app?: string | undefined; remote?: string | undefined}): Promise<Target> {
    const question = {app: flags.app, remote: flags.remote, env: this.env}
    const named = namedApp(question)
    if (named !== undefined) return {platform: await this.connect(), app: named}
    const [repository, platform] = await Promise.all([readRemotes(process.cwd()), this.connect()])
    const places = {gitUrl: platform.status.git_url, gitDirectory: platform.home.git}
    return {platform, app: appOfRemotes(question, repository, places)}
  }

  /** oclif would fill a missing argument from a piped stdin: `hokku create < file` must not name the app so. */
  protected override parse<F extends FlagOutput, B extends FlagOutput, A extends ArgOutput>(
    options?: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const given = options ?? (this.ctor as Input<F, B, A>)
    const entries = Object.entries(given.args ?? {}).map(([name, arg]) => [name, {...arg, ignoreStdin: true}])
    return super.parse<F, B, A>({...given, args: Object.fromEntries(entries)}, argv)
  }

  /** Whether errors and results are JSON: `--json` (or `-j`) before a `--`. */
  override jsonEnabled(): boolean {
    const words = this.argv.includes('--') ? this.argv.slice(0, this.argv.indexOf('--')) : this.argv
    if (this.ctor.enableJsonFlag) return words.includes('--json') || words.includes('-j')
    // A command that takes anything may be handing --json to another program.
    return this.ctor.strict && words.includes('--json')
  }

  override logJson(value: unknown): void {
    this.ui.json(value)
  }

  /** The one place where an error becomes a message and an exit code. */
  protected override async catch(error: unknown): Promise<never> {
    if (error instanceof ExitError) throw error
    if (this.env['HOKKU_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    const failure = failureOf(error, {log: resolveHome(this.env).runtimeLog, platform: process.platform})
    const ui = this.ui ?? (await this.makeUi())
    ui.fail(failure)
    throw new ExitError(failure.exit)
  }

  private makeUi(): Promise<Ui> {
    return Ui.create({stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: this.env, json: this.jsonEnabled()})
  }
}
