import type {BuildProgress} from '../../../engine/engine.js'
import type {Clock} from '../../support/clock.js'
import {lastStage, launchableStage} from './with-launcher.js'

interface Step {
  number: number
  startedAt: number
}

/** What BuildKit reports, as `docker build --progress=plain` prints it: steps numbered as they begin, each line under its step's number. */
export function dockerOutput(clock: Clock, onLine: (line: string) => void): (progress: BuildProgress) => void {
  const steps = new Map<string, Step>()
  let last: string | undefined
  const stepOf = ({vertex, name}: BuildProgress): Step => {
    const known = steps.get(vertex)
    const step = known ?? {number: steps.size + 1, startedAt: clock.now().getTime()}
    if (known === undefined) steps.set(vertex, step)
    if (last !== vertex) {
      if (last !== undefined) onLine('')
      onLine(`#${step.number} ${name}`)
    }
    last = vertex
    return step
  }
  return given => {
    // How the engine takes the context in is its own business, and what we add to the Dockerfile is ours.
    if (/^(\[internal\] load remote build context|copy \/context )/.test(given.name)) return
    if (given.name.includes(launchableStage) || given.name.includes('hokku/container:')) return
    const progress = {...given, name: given.name.replace(`[${lastStage} `, '[')}
    if (progress.type === 'started') return void stepOf(progress)
    const {number, startedAt} = stepOf(progress)
    if (progress.type === 'output') onLine(`#${number} ${progress.line.split('\r').findLast(part => part !== '') ?? ''}`.trimEnd())
    else if (progress.error !== undefined) onLine(`#${number} ERROR: ${progress.error}`)
    else if (progress.cached) onLine(`#${number} CACHED`)
    else onLine(`#${number} DONE ${((clock.now().getTime() - startedAt) / 1000).toFixed(1)}s`)
  }
}
