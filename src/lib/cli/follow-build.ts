import type {Platform} from '../client/platform.js'
import type {Build} from '../schema/resources.js'

/** Copies a build's output as it comes, without the NUL bytes that only keep the connection alive; resolves with the finished build. */
export async function followBuild(
  platform: Platform,
  app: string,
  build: Build,
  write: (text: Buffer) => void,
  signal?: AbortSignal,
): Promise<Build> {
  const output = await platform.builds.output(build)
  // Nothing then keeps the process from ending.
  signal?.addEventListener('abort', () => output.destroy(), {once: true})
  for await (const chunk of output) {
    const text = (chunk as Buffer).includes(0) ? Buffer.from((chunk as Buffer).filter(byte => byte !== 0)) : (chunk as Buffer)
    if (text.length > 0) write(text)
  }
  return platform.builds.info(app, build.id)
}
