/** What `fetch` failed of: `fetch failed` says nothing, its cause does. */
export function fetchFailure(error: unknown): string {
  const {cause, message} = error as Error
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(one => (one as Error).message).join(', ')
  return cause instanceof Error && cause.message !== '' ? cause.message : message
}
