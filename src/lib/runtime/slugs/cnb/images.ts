import {type Engine, EngineError, type Image} from '../../../engine/engine.js'
import {RejectedSource} from '../../buildpacks/buildpack.js'

/** The first of an image's names, mirrors last, that the engine has, else that a registry has. Throws RejectedSource when neither has any. */
export async function foundImage(engine: Engine, what: 'builder' | 'run', names: string[], onLine: (line: string) => void): Promise<Image> {
  const strange = names.find(name => !namePattern.test(name))
  if (strange !== undefined) throw new RejectedSource([`${JSON.stringify(strange)} is no name of an image.`])
  for (const name of names) {
    const image = await engine.image(name)
    if (image !== undefined) return image
  }
  const failures: string[] = []
  for (const name of names) {
    onLine(`       Pulling ${name}`)
    const failure = await pulled(engine, name)
    const image = failure === undefined ? await engine.image(name) : undefined
    if (image !== undefined) return image
    failures.push(failure ?? `There is no image ${name}.`)
  }
  throw new RejectedSource([
    `The ${what} image ${names[0]} is not in the engine, and it could not be pulled:`,
    ...failures,
    what === 'builder'
      ? 'Another builder can be named under [io.buildpacks] in project.toml.'
      : 'The builder names it as the image that apps run in: where no registry answers, `docker load` it.',
  ])
}

/** The names come from the source and from images: they go into a Dockerfile and into the engine's addresses. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:@/-]*$/

/** Why it could not be pulled; undefined when it was. */
async function pulled(engine: Engine, name: string): Promise<string | undefined> {
  try {
    await engine.pull(name, () => undefined)
    return undefined
  } catch (error) {
    if (error instanceof EngineError && error.code === 'pull_failed') return error.message
    throw error
  }
}
