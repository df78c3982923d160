import {randomBytes} from 'node:crypto'
import type {Store} from '../../src/lib/runtime/store/store.js'
import type {Clock} from '../../src/lib/runtime/support/clock.js'
import type {LogEntry, LogSink} from '../../src/lib/runtime/support/log-sink.js'
import {Seal} from '../../src/lib/runtime/support/seal.js'
import {scratchStore} from './unsynced-store.js'

/** A store in memory, a key, and a clock that stands still. */
export async function memoryStore(): Promise<{store: Store; seal: Seal; clock: Clock; logs: LogSink & {lines: string[]}}> {
  const lines: string[] = []
  const logs = {lines, append: (_: string, entry: LogEntry) => void lines.push(`${entry.source}[${entry.ps}]: ${entry.message}`)}
  const clock = {now: () => new Date('2026-11-22T11:01:31.500Z'), sleep: async () => undefined}
  return {store: await scratchStore(), seal: new Seal(randomBytes(32)), clock, logs}
}
