import type {TtySize} from '../../../engine/engine.js'
import {notFound} from '../../../schema/errors.js'
import type {ConfigVars} from '../../../schema/resources.js'
import type {DynoContext} from '../context.js'
import {deferred} from '../deferred.js'
import type {DynoView} from '../dyno-manager.js'
import {insideCommand} from '../launch.js'
import {viewOf} from '../views.js'
import type {Rendezvous} from './rendezvous.js'

/** A process beside the dyno's own, in its container. It starts when its client comes and loses its stdin when the client leaves. */
export function runInside(
  context: DynoContext,
  rendezvous: Rendezvous,
  appId: string,
  name: string,
  command: string,
  options: {env: ConfigVars; tty: TtySize | undefined},
): {secret: string; view: DynoView} {
  const dyno = context.live.ofApp(appId).find(one => (one.name === name || one.id === name) && one.exit === undefined && !one.stopping)
  const id = dyno?.engineId
  if (dyno === undefined || id === undefined) throw notFound('dyno')
  const ended = deferred<number>()
  const secret = rendezvous.offer({
    terminal: options.tty !== undefined,
    open: async () => {
      const session = await context.engine.execAttached(id, insideCommand(command, dyno.stack), {
        env: options.env,
        ...(options.tty !== undefined && {tty: options.tty}),
      })
      session.ended.then(ended.resolve, () => ended.resolve(1))
      return session
    },
    ended: ended.promise,
    onNobody: () => ended.resolve(1),
    onLeft: session => session.stream.destroy(),
  })
  return {secret, view: viewOf(dyno)}
}
