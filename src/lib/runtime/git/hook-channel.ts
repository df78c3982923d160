import type {Duplex, Writable} from 'node:stream'
import type {Push} from './push.js'

/** Set for the git that serves a push over HTTP; its hook then finds the runtime at two descriptors of its own. */
export const channelVariable = 'HOKKU_HOOK_CHANNEL'

/** What the pre-receive hook does when it has a channel: pure shell, since starting Node would cost every push 40 to 60 ms. */
export const channelScript = `if test -n "$${channelVariable}"; then
  { printf '%s\\0' "$PWD" "$GIT_OBJECT_DIRECTORY" "$GIT_ALTERNATE_OBJECT_DIRECTORIES" "$GIT_QUARANTINE_PATH"; cat; printf '\\0'; } >&3
  cat <&3
  read -r code <&4 || code=
  test -n "$code" || echo ' !     The hokku runtime ended before the build did. Push again.'
  exit "\${code:-1}"
fi
`

/**
 * Answers a hook on its channel: what it tells of the push is given to `take`, which writes what the pusher reads, and whose result is the
 * hook's exit code. Resolves when the hook is answered or gone; never rejects.
 */
export async function serveHook(
  channel: Duplex,
  verdict: Writable,
  take: (push: Push, output: Writable) => Promise<boolean>,
): Promise<void> {
  for (const stream of [channel, verdict]) stream.on('error', () => undefined)
  const push = await readPush(channel)
  const agreed = push !== undefined && (await take(push, channel).catch(() => false))
  channel.end()
  verdict.end(agreed ? '0\n' : '1\n')
}

/** Undefined when git never came to run the hook. */
async function readPush(channel: Duplex): Promise<Push | undefined> {
  return await new Promise(resolve => {
    let said = ''
    const onData = (text: string): void => {
      said += text
      const [repository, objects, alternates, quarantine, refs, end] = said.split('\0')
      if (end === undefined) return
      channel.off('data', onData).off('close', gone).resume()
      const kept = {GIT_OBJECT_DIRECTORY: objects!, GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates!, GIT_QUARANTINE_PATH: quarantine!}
      const set = Object.entries(kept).filter(([, value]) => value !== '')
      resolve({repository: repository!, environment: {GIT_DIR: '.', ...Object.fromEntries(set)}, refs: refs!})
    }
    const gone = (): void => resolve(undefined)
    channel.setEncoding('utf8').on('data', onData).once('close', gone)
  })
}
