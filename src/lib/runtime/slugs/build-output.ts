import type {BuildProgress} from '../../engine/engine.js'
import type {StepStage} from './dockerfile.js'

interface StepState extends StepStage {
  started: boolean
  done: boolean
  cached: boolean
  /** Lines that came before their turn. */
  waiting: string[]
}

/** What BuildKit reports, as Heroku prints builds: steps in the plan's order though stages run side by side. */
export interface BuildOutput {
  onProgress(progress: BuildProgress): void
  /** The build is over: prints what is still held back. A step that was never reported was cached. */
  finish(how: 'succeeded' | 'failed'): void
}

export function buildOutput(steps: StepStage[], onLine: (line: string) => void): BuildOutput {
  const states: StepState[] = steps.map(step => ({...step, started: false, done: false, cached: false, waiting: []}))
  const byStage = new Map(states.map(state => [state.stage, state]))
  let current = 0
  let over = false
  const print = ({step}: StepState, line: string): void => onLine(step.output === 'verbatim' ? lastState(line) : indented(line))
  const open = (state: StepState): void => {
    const {step, cached, waiting} = state
    // A step with headings of its own says nothing when it did not run.
    if (step.output !== 'verbatim' || cached) onLine(`-----> ${step.heading}`)
    const lines = cached ? ['Nothing changed since the last build; its result is used again'] : step.introduction
    for (const line of lines) onLine(indented(line))
    for (const line of waiting) print(state, line)
    state.waiting = []
  }
  const advance = (): void => {
    for (let state = states[current]; state?.done; state = states[current]) {
      current += 1
      const next = states[current]
      if (next?.started || next?.done) open(next)
    }
  }
  const begin = (state: StepState): void => {
    if (state.started || over) return
    state.started = true
    if (state === states[current]) open(state)
  }
  return {
    onProgress(progress) {
      const state = byStage.get(stageNamed(progress.name) ?? '')
      if (state === undefined || state.done) return
      if (progress.type !== 'output' && progress.cached) state.cached = true
      begin(state)
      if (progress.type === 'output') {
        if (state === states[current]) print(state, progress.line)
        else state.waiting.push(progress.line)
      } else if (progress.type === 'done' && progress.error === undefined) {
        state.done = true
        advance()
      }
    },
    finish(how) {
      for (const state of states.slice(current)) {
        if (how === 'succeeded' && !state.started) state.cached = true
        const shown = state === states[current] && state.started
        if (!shown && (state.started || how === 'succeeded')) open(state)
      }
      over = true
    },
  }
}

/** Of a RUN's vertex only, `[b1-install 3/3] RUN …`: copies have nothing to say. */
function stageNamed(vertex: string): string | undefined {
  return /^\[(\S+) +\d+\/\d+\] RUN /.exec(vertex)?.[1]
}

/** Body text stands 7 columns in. */
export function indented(line: string): string {
  return `       ${lastState(line)}`.trimEnd()
}

/** A progress bar rewrites its line: the last state counts. */
function lastState(line: string): string {
  return (line.split('\r').findLast(part => part !== '') ?? '').trimEnd()
}
