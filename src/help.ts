import {Help, normalizeArgv} from '@oclif/core/help'
import type {Config, HelpOptions} from '@oclif/core/interfaces'

/** Commands may be typed `apps info` or `apps:info`; help shows Heroku's colon. */
export default class ColonHelp extends Help {
  readonly #typed: Config

  constructor(config: Config, options?: Partial<HelpOptions>) {
    super(Object.create(config, {topicSeparator: {value: ':'}}) as Config, options)
    this.#typed = config
  }

  override async showHelp(argv: string[]): Promise<void> {
    const words = argv.filter(word => word !== '--help')
    const [id, ...rest] = normalizeArgv(this.#typed, words)
    await super.showHelp(id === undefined ? rest : [id, ...rest])
  }
}
