/** Frames that are sent together. */
export interface Delivery {
  frames: Buffer[]
  /** The same whenever these are sent again. */
  id: string
}

/** The way to one receiver. */
export interface Carrier {
  /** What the messages name as their host. */
  readonly host: string
  /** How long to gather messages before they are sent, in ms. */
  readonly pause: number
  /** Resolves when the receiver has taken them. Rejects when it has not, or when aborted; the same are then sent again. */
  send(delivery: Delivery, signal: AbortSignal): Promise<void>
  close(): void
}
