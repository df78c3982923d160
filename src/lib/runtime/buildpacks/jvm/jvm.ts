import {aliasesOf} from '../aliases.js'
import type {Buildpack} from '../buildpack.js'
import {jvmGround} from './ground.js'

/** heroku/jvm: a JDK and its settings for whatever other buildpacks do. Builds an app only when somebody asks for it. */
export const jvm: Buildpack = {
  name: 'heroku/jvm',
  aliases: aliasesOf('heroku/jvm', 'heroku-buildpack-jvm-common'),
  detect: async () => 'JVM Common',
  rejection: async () => [],
  async compile(source, env) {
    const ground = await jvmGround(source, env)
    return {buildpack: 'heroku/jvm', language: 'JVM Common', ...ground, closing: [], dependencies: undefined}
  },
  release: async () => ({defaultProcessTypes: {}}),
}
