import type {Buildpack} from './buildpack.js'
import {nodejs} from './nodejs/nodejs.js'

/**
 * Heroku's order of detection; the first that says yes builds the app. Ruby comes before Node.js there, because a Rails app has a
 * package.json too: a new language goes to its place in Ruby, Node.js, Clojure, Python, Java, Gradle, Scala, PHP, Go, .NET.
 */
export const buildpacks: readonly Buildpack[] = [nodejs]

/** A buildpack by any of its names: `heroku/nodejs`, `urn:buildpack:heroku/nodejs`, the git URL, the registry's tarball. */
export function findBuildpack(name: string): Buildpack | undefined {
  return buildpacks.find(buildpack => buildpack.name === name || buildpack.aliases.some(alias => alias.test(name)))
}
