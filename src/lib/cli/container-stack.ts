import type {Platform} from '../client/platform.js'
import {CommandError} from './command-error.js'
import type {Ui} from './ui.js'

/** Throws, in Heroku's words, unless the app is on the container stack or will be with its next build. */
export async function needContainerStack(
  platform: Platform,
  ui: Ui,
  name: string,
  command: 'push' | 'release' | 'rm' | 'run',
): Promise<void> {
  const {stack, build_stack: next} = await platform.apps.info(name)
  if (stack.name === 'container' || next.name === 'container') return
  const {err} = ui
  const instead = `Switch stacks by running ${err.command('hokku stack:set container')}. Or, to deploy ${err.app(name)} with ${err.name(stack.name)}, run ${err.command('git push hokku main')} instead.`
  const deploys = command === 'push' || command === 'release'
  throw new CommandError(`This command is for Docker apps only.${deploys ? ` ${instead}` : ''}`, {id: 'not_a_container_app'})
}
