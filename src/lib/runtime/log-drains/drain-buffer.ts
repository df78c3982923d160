import {Bell} from '../support/bell.js'
import type {DrainMessage} from './syslog.js'

/** Messages of one drain that were not taken yet (heroku-platform.md: 1,024, the newest are kept). */
const capacity = 1024

/** What a delivery takes at a time. */
export const batchMessages = 500

export interface Batch {
  messages: DrainMessage[]
  /** How many were dropped before these, and since when. */
  dropped: {count: number; since: Date} | undefined
}

/** Holds what a receiver has not taken. One that is slow loses the oldest messages and is told how many; nobody waits for it. */
export class DrainBuffer {
  private readonly messages: DrainMessage[] = []
  private dropped: {count: number; since: Date} | undefined
  private ended = false
  private readonly news = new Bell()

  constructor(private readonly now: () => Date) {}

  push(messages: DrainMessage[]): void {
    this.messages.push(...messages)
    const over = this.messages.length - capacity
    if (over > 0) {
      this.messages.splice(0, over)
      this.dropped = {count: (this.dropped?.count ?? 0) + over, since: this.dropped?.since ?? this.now()}
    }
    this.news.ring()
  }

  /** Nothing more will come. */
  end(): void {
    this.ended = true
    this.news.ring()
  }

  get size(): number {
    return this.messages.length
  }

  /** The oldest messages as soon as there are any; undefined at the end, or when aborted. */
  async take(signal: AbortSignal): Promise<Batch | undefined> {
    while (this.messages.length === 0 && !this.ended && !signal.aborted) await this.news.rung(signal)
    if (this.messages.length === 0 || signal.aborted) return undefined
    const batch = {messages: this.messages.splice(0, batchMessages), dropped: this.dropped}
    this.dropped = undefined
    return batch
  }
}
