/** What a request failed of: `fetch failed` and an error of several addresses say nothing, what is inside them does. */
export function fetchFailure(error: unknown): string {
  const {cause, message} = error as Error
  if (error instanceof AggregateError) return error.errors.map(one => (one as Error).message).join(', ')
  return cause instanceof Error ? fetchFailure(cause) : message
}
