import type {WaitStatus} from '../client/data.js'
import {poll} from '../client/poll.js'
import {CommandError} from './command-error.js'
import type {Ui} from './ui.js'

/** Says so while a database is being prepared, nothing when it is there already. `interval` in seconds. */
export async function waitForDatabase(ui: Ui, name: string, ask: () => Promise<WaitStatus>, interval: number): Promise<void> {
  const now = await ask()
  const done = (status: WaitStatus): boolean => !status['waiting?']
  const status = done(now)
    ? now
    : await ui.action(
        `Waiting for database ${ui.err.name(name)}`,
        () => poll(ask, done, interval),
        one => one.message,
      )
  if (status['error?']) throw new CommandError(`${name}: ${status.message}`, {id: 'database_failed'})
}
