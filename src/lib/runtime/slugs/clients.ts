import {randomUUID} from 'node:crypto'
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {type Engine, EngineError} from '../../engine/engine.js'
import {type Clients, type Question, RejectedSource} from '../buildpacks/buildpack.js'
import type {Clock} from '../support/clock.js'
import {advice} from './diagnosis.js'
import {withTrust} from './dockerfile.js'
import {type HostTrust, trustSecrets} from './host-trust.js'
import {tarEnd, tarHeader, tarPadding} from './tar-write.js'

const dayMs = 24 * 60 * 60 * 1000
const marker = 'answer: '

interface ClientsDeps {
  engine: Engine
  clock: Clock
  /** Where answers are kept. */
  directory: string
  trust: HostTrust
}

/** Puts questions to the image that `imageFor` gives: a build step whose output is the answer. */
export function createClients(deps: ClientsDeps, imageFor: (question: Question) => Promise<string>): Clients {
  return {
    async ask(question) {
      const path = join(deps.directory, `${question.id}.json`)
      const kept = await readAnswer(path)
      if (kept !== undefined && deps.clock.now().getTime() - kept.at < dayMs) return kept.lines
      try {
        const lines = await askNow(deps, await imageFor(question), question)
        await keepAnswer(path, {at: deps.clock.now().getTime(), lines})
        return lines
      } catch (error) {
        if (kept !== undefined) return kept.lines
        throw error
      }
    },
  }
}

async function askNow({engine, clock, trust}: ClientsDeps, image: string, {id, run}: Question): Promise<string[]> {
  // The moment makes the step new to BuildKit, which would not repeat the output of one it knows.
  const lines = [`: ${clock.now().toISOString()}`, `{ ${run.join('; ')}; } > /tmp/answer`, `sed 's/^/${marker}/' /tmp/answer`]
  const text = [`FROM ${image}`, 'USER root', 'SHELL ["/bin/bash", "-e", "-o", "pipefail", "-c"]', withTrust(lines, trust)].join('\n')
  const answer: string[] = []
  const said: string[] = []
  try {
    const built = await engine.build({
      context: Readable.from([...tarOf(text)]),
      args: trust.proxies,
      secrets: trustSecrets(trust),
      tags: [],
      onProgress: progress => {
        if (progress.type !== 'output') return
        if (progress.line.startsWith(marker)) answer.push(progress.line.slice(marker.length))
        else said.push(progress.line)
      },
    })
    await engine.removeImage(built)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'build_failed') throw error
    throw new RejectedSource([`What can be had could not be asked (${id}):`, ...said.slice(-8), ...advice(said)])
  }
  return answer
}

function tarOf(dockerfile: string): Buffer[] {
  const content = Buffer.from(dockerfile)
  return [tarHeader({path: 'Dockerfile', mode: 0o644, size: content.length}), content, tarPadding(content.length), tarEnd]
}

interface Answer {
  /** Milliseconds since 1970. */
  at: number
  lines: string[]
}

async function readAnswer(path: string): Promise<Answer | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Answer
  } catch {
    return undefined
  }
}

async function keepAnswer(path: string, answer: Answer): Promise<void> {
  await mkdir(join(path, '..'), {recursive: true})
  // Two builds may have asked at once.
  const fresh = `${path}.${randomUUID()}.new`
  await writeFile(fresh, JSON.stringify(answer))
  await rename(fresh, path)
}
