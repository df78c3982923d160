import {closeSync, constants, openSync, readSync} from 'node:fs'
import type {Clock} from '../support/clock.js'

const pieceBytes = 256 * 1024

/** Between two looks into the pipe, in ms: the shortest while lines come, the longest when none do. At 25,000 lines a second 1 MB lasts for 200 ms. */
const pause = {shortest: 20, longest: 100}

/**
 * Reads a named pipe until the signal aborts, then what is left in it. It looks from time to time instead of being woken by every
 * line: that costs both sides a tenth. What is written while nobody reads stays in the pipe. Throws when the pipe cannot be opened.
 * Resolves at the end; rejects when `onData` or the pipe fails.
 */
export function readPipe(path: string, onData: (data: Buffer) => void, clock: Clock, signal: AbortSignal): Promise<void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const follow = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafeSlow(pieceBytes)
    let wait = pause.shortest
    try {
      while (!signal.aborted) {
        const read = readOnce(fd, buffer, onData)
        wait = read > 0 ? pause.shortest : Math.min(wait * 2, pause.longest)
        // A full piece means that there is more; others may have their turn meanwhile.
        await clock.sleep(read === pieceBytes ? 0 : wait, signal).catch(() => undefined)
      }
      while (readOnce(fd, buffer, onData) > 0);
    } finally {
      closeSync(fd)
    }
  }
  return follow()
}

/** How many bytes there were; 0 also while no HAProxy runs. */
function readOnce(fd: number, buffer: Buffer, onData: (data: Buffer) => void): number {
  const read = tryRead(fd, buffer)
  if (read > 0) onData(buffer.subarray(0, read))
  return read
}

function tryRead(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
