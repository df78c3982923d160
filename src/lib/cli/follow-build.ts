import type {Platform} from '../client/platform.js'
import type {Build} from '../schema/resources.js'

/** Copies a build's output as it comes, without the NUL bytes that only keep the connection alive; resolves with the finished build. */
export async function followBuild(platform: Platform, app: string, build: Build, write: (text: Buffer) => void): Promise<Build> {
  for await (const chunk of await platform.builds.output(build)) {
    const text = (chunk as Buffer).includes(0) ? Buffer.from((chunk as Buffer).filter(byte => byte !== 0)) : (chunk as Buffer)
    if (text.length > 0) write(text)
  }
  return platform.builds.info(app, build.id)
}
