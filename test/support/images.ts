import {label} from '../../src/lib/engine/labels.js'
import type {World} from './world.js'

/**
 * Names of the images an app and its router stand on: the base, and the stack and toolchain whose layers the app's image begins with.
 * An engine that has them builds that app without the internet.
 */
export async function imagesBehind(world: World, app: string): Promise<string[]> {
  const layersOf = async (name: string): Promise<string[]> => (await world.docker.getImage(name).inspect()).RootFS.Layers ?? []
  const containers = await world.engine.observe({[label.home]: (await world.homeId()) as string})
  const imageOf = async (kind: string): Promise<string> => {
    const found = containers.find(one => one.labels[label.kind] === kind && (one.labels[label.appName] ?? app) === app)
    return (await world.docker.getContainer(found?.id ?? '').inspect()).Image
  }
  const [slug, router] = await Promise.all([layersOf(await imageOf('dyno')), imageOf('router')])
  const names: string[] = []
  for (const image of await world.docker.listImages()) {
    const name = image.RepoTags?.find(tag => /^(hokku\/(?!probe)|debian:13-slim)/.test(tag))
    // Probes are of tests that remove them, at any time.
    if (name === undefined) continue
    const layers = await layersOf(name)
    if (image.Id === router || layers.every((layer, index) => layer === slug[index])) names.push(name)
  }
  // What builds a stage has its name and mark, with -build.
  const all = (await world.docker.listImages()).flatMap(image => image.RepoTags ?? [])
  return [...names, ...names.map(name => name.replace(':', '-build:')).filter(name => all.includes(name))]
}
