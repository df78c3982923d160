/** Error ids of the Platform API and their HTTP status. docs/errors.md is checked against this table, both ways. */
export const errorStatus = {
  bad_request: 400,
  unauthorized: 401,
  delinquent: 402,
  forbidden: 403,
  suspended: 403,
  not_found: 404,
  not_acceptable: 406,
  conflict: 409,
  gone: 410,
  range_not_satisfiable: 416,
  misdirected: 421,
  confirmation_required: 422,
  invalid_params: 422,
  verification_required: 402,
  rate_limit: 429,
  internal_server_error: 500,
  engine_unavailable: 503,
  service_unavailable: 503,
} as const

export type ErrorId = keyof typeof errorStatus

/** What an error is about, as the official client understands it (heroku-cli.md 2.3). */
export type ErrorResource =
  | 'app'
  | 'add_on'
  | 'add_on attachment'
  | 'release'
  | 'build'
  | 'dyno'
  | 'scheduled job'
  | 'scheduled run'
  | 'transfer'
  | 'transfer schedule'

export interface ErrorBody {
  id: string
  message: string
  url?: string
  resource?: string
}

/** An error a client may see: an id of the table above and a sentence that says what happened, to what, and what to do. */
export class PlatformError extends Error {
  readonly id: ErrorId
  readonly resource: ErrorResource | undefined

  constructor(id: ErrorId, message: string, options: {resource?: ErrorResource; cause?: unknown} = {}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause})
    this.name = 'PlatformError'
    this.id = id
    this.resource = options.resource
  }

  get status(): number {
    return errorStatus[this.id]
  }

  toJSON(): ErrorBody {
    return this.resource === undefined
      ? {id: this.id, message: this.message}
      : {id: this.id, message: this.message, resource: this.resource}
  }
}

/** `Couldn't find that app.` and its kin. */
export function notFound(resource: ErrorResource): PlatformError {
  return new PlatformError('not_found', `Couldn't find that ${resource.replace('_', '-')}.`, {resource})
}
