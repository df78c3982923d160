/** Aborts on Ctrl-C and when nobody reads stdout any more (`| head`). */
export interface Unwanted extends Disposable {
  signal: AbortSignal
  /** Undefined while it is still wanted. */
  by(): 'interrupt' | 'closed' | undefined
}

export function untilUnwanted(stdout: NodeJS.WritableStream): Unwanted {
  const controller = new AbortController()
  const interrupt = (): void => controller.abort('interrupt')
  const refused = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') controller.abort('closed')
  }
  process.once('SIGINT', interrupt)
  stdout.on('error', refused)
  return {
    signal: controller.signal,
    by: () => controller.signal.reason as 'interrupt' | 'closed' | undefined,
    [Symbol.dispose]: () => {
      process.off('SIGINT', interrupt)
      stdout.off('error', refused)
    },
  }
}
