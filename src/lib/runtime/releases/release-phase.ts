import {randomUUID} from 'node:crypto'
import type {AppRecord} from '../apps/app-record.js'
import type {SlugRecord} from '../slugs/slug-record.js'
import type {Clock} from '../support/clock.js'
import type {Outputs} from '../support/outputs.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import type {ReleaseRecord} from './release-record.js'

/** Heroku's limit for a release command, in ms. */
const timeout = 60 * 60 * 1000

/** Runs a release command as a one-off dyno; declared here, done by the dyno manager. Resolves with its exit code. */
export interface ReleaseCommands {
  run(
    request: {app: AppRecord; release: ReleaseRecord; slug: SlugRecord; command: string; onOutput: (data: Buffer) => void},
    signal: AbortSignal,
  ): Promise<number>
}

export interface ReleasePhase {
  /** Names the output of a command that will run soon, so that it can be followed from now on. */
  announce(): string
  /** True when the command ended with 0 in time. Its output can be followed under the release's output id. */
  run(app: AppRecord, release: ReleaseRecord, slug: SlugRecord): Promise<boolean>
  /** Stops the command of that output; false when it does not run. Its release fails. */
  cancel(outputId: string): boolean
  /** Removes outputs that are too old to be kept. */
  forget(outputIds: string[]): Promise<void>
}

export function releasePhase(deps: {commands: ReleaseCommands; outputs: Outputs; clock: Clock; log: RuntimeLog}): ReleasePhase {
  const commands = new Map<string, AbortController>()
  return {
    cancel(outputId) {
      const running = commands.get(outputId)
      running?.abort()
      return running !== undefined
    },
    forget: ids => deps.outputs.removeAll(ids).catch(error => deps.log.error('old outputs kept', {error})),
    announce() {
      const id = `release-${randomUUID()}`
      deps.outputs.announce(id)
      return id
    },
    async run(app, release, slug) {
      const id = release.outputId as string
      const stop = new AbortController()
      commands.set(id, stop)
      const output = await deps.outputs.start(id)
      const ended = new AbortController()
      void deps.clock.sleep(timeout, ended.signal).then(
        () => stop.abort(),
        () => undefined,
      )
      try {
        const command = slug.processTypes['release'] as string
        return (await deps.commands.run({app, release, slug, command, onOutput: data => output.write(data)}, stop.signal)) === 0
      } catch (error) {
        output.write(`The release command could not be run: ${(error as Error).message}\n`)
        deps.log.error('release command could not be run', {app: app.name, release: release.version, error})
        return false
      } finally {
        commands.delete(id)
        ended.abort()
        await output.end()
      }
    },
  }
}
