import type {Platform} from '../client/platform.js'
import {poll} from '../client/poll.js'
import type {Domain} from '../schema/resources.js'
import {CommandError} from './command-error.js'
import type {Ui} from './ui.js'

/** `Waiting for www.example.com... done`. Throws when adding it came to nothing. */
export async function waitForDomain(ui: Ui, platform: Platform, app: string, domain: Domain): Promise<Domain> {
  return await ui.action(`Waiting for ${ui.err.name(domain.hostname)}`, async () => {
    const isPending = ({status}: Domain): boolean => status === 'pending'
    const settled = isPending(domain)
      ? await poll(
          () => platform.domains.info(app, domain.id),
          one => !isPending(one),
          5,
        )
      : domain
    if (settled.status !== 'succeeded' && settled.status !== 'none')
      throw new CommandError(`The domain creation finished with status ${settled.status}`, {id: 'domain_failed'})
    return settled
  })
}
