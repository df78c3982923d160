import type {ManagerName} from './package-manager.js'

/** How a manager installs: what Heroku shows of it, and all of it. */
export interface InstallCommand {
  shown: string
  run: string
}

const options: Record<ManagerName, string> = {
  pip: '--exists-action=w --no-input --progress-bar off --src=/app/.heroku/python/src',
  pipenv: '',
  poetry: '--compile --no-ansi --no-interaction',
  uv: '--compile-bytecode --no-progress',
}

/** `whole`: with the source there. `dependencies`: all but the source's own packages, before it is. `project`: those, on top. */
export function installCommand(manager: ManagerName, part: 'whole' | 'dependencies' | 'project', substituted: boolean): InstallCommand {
  const shown = commandOf(manager, substituted)
  const run = part === 'dependencies' ? withoutSource(manager, shown) : shown
  return {shown, run: [run, options[manager]].filter(words => words !== '').join(' ')}
}

function commandOf(manager: ManagerName, substituted: boolean): string {
  if (manager === 'pip') return 'pip install -r requirements.txt'
  if (manager === 'poetry') return 'poetry sync --only main'
  if (manager === 'uv') return 'uv sync --locked --no-default-groups'
  // With another line of Python than the Pipfile names, `--deploy` gives up.
  return substituted ? 'pipenv sync' : 'pipenv install --deploy'
}

/** uv cannot tell whether a lockfile fits packages whose source it does not see: that is looked at when it is there. */
function withoutSource(manager: ManagerName, command: string): string {
  if (manager === 'poetry') return `${command} --no-root --no-directory`
  return manager === 'uv' ? command.replace('--locked', '--frozen --no-install-local') : command
}
