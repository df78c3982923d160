import {randomFrom} from '../support/faults.js'

/** What is done to an app; `crash`, `kill` and `vanish` are faults, during which its requests may fail. */
export type Operation =
  | {
      kind: 'push' | 'push-that-fails' | 'rollback' | 'restart' | 'crash' | 'kill' | 'vanish' | 'run' | 'logs' | 'addon' | 'visitor'
      app: number
    }
  | {kind: 'scale'; app: number; quantity: number}
  | {kind: 'config'; app: number; value: string}

const weights: Record<Operation['kind'], number> = {
  push: 6,
  'push-that-fails': 1,
  rollback: 2,
  restart: 2,
  crash: 3,
  kill: 2,
  vanish: 2,
  run: 2,
  logs: 2,
  addon: 1,
  visitor: 1,
  scale: 6,
  config: 6,
}
const kinds = Object.entries(weights).flatMap(([kind, weight]) => Array<Operation['kind']>(weight).fill(kind as Operation['kind']))

/** Without end, the same for the same seed: what one pair of hands does to the apps that are its own. */
export function* operationsFor(seed: number, lane: number, apps: number[]): Generator<Operation> {
  const random = randomFrom(seed + lane * 104_729)
  const pick = <T>(from: T[]): T => from[Math.floor(random() * from.length)] as T
  for (;;) {
    const kind = pick(kinds)
    const app = pick(apps)
    if (kind === 'scale') yield {kind, app, quantity: 1 + Math.floor(random() * 3)}
    else if (kind === 'config') yield {kind, app, value: String(Math.floor(random() * 1e9))}
    else yield {kind, app}
  }
}

export function wordsFor(operation: Operation): string {
  const more = operation.kind === 'scale' ? ` web=${operation.quantity}` : operation.kind === 'config' ? ` VALUE=${operation.value}` : ''
  return `${operation.kind} of app ${operation.app}${more}`
}
