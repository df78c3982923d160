import {Help} from '@oclif/core/help'
import type {Config, HelpOptions} from '@oclif/core/interfaces'

/** Commands may be typed `apps info` or `apps:info`; help shows Heroku's colon. */
export default class ColonHelp extends Help {
  constructor(config: Config, options?: Partial<HelpOptions>) {
    super(Object.create(config, {topicSeparator: {value: ':'}}) as Config, options)
  }
}
