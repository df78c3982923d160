import {apt} from './apt/apt.js'
import type {Buildpack} from './buildpack.js'
import {go} from './go/go.js'
import {gradle} from './gradle/gradle.js'
import {java} from './java/java.js'
import {jvm} from './jvm/jvm.js'
import {nodejs} from './nodejs/nodejs.js'
import {php} from './php/php.js'
import {python} from './python/python.js'
import {ruby} from './ruby/ruby.js'
import {scala} from './scala/scala.js'
import {staticSite} from './static/static.js'

/**
 * Heroku's order of detection; the first that says yes builds the app. Ruby comes before Node.js there, because a Rails app has a
 * package.json too: a new language goes to its place in Ruby, Node.js, Clojure, Python, Java, Gradle, Scala, PHP, Go, .NET.
 * A static site is what nothing else is.
 */
export const buildpacks: readonly Buildpack[] = [ruby, nodejs, python, java, gradle, scala, php, go, staticSite]

/** Those that build an app only when somebody asks for them. */
const byNameOnly: readonly Buildpack[] = [apt, jvm]

/** The names of all that are ours, for messages. */
export const buildpackNames: readonly string[] = [...buildpacks, ...byNameOnly].map(({name}) => name)

/** A buildpack by any of its names: `heroku/nodejs`, `urn:buildpack:heroku/nodejs`, the git URL, the registry's tarball. */
export function findBuildpack(name: string): Buildpack | undefined {
  return [...buildpacks, ...byNameOnly].find(buildpack => buildpack.name === name || buildpack.aliases.some(alias => alias.test(name)))
}
