import {type ErrorBody, type ErrorId, type ErrorResource, errorStatus, PlatformError} from '../schema/errors.js'

/** The runtime could not be reached, started or stopped. `again`: trying once more may help; otherwise it is our bug. */
export class RuntimeUnavailable extends Error {
  readonly again: boolean
  /** Where to read more. */
  readonly log: string

  constructor(message: string, options: {again: boolean; log: string; cause?: unknown}) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause})
    this.name = 'RuntimeUnavailable'
    this.again = options.again
    this.log = options.log
  }
}

/** The PlatformError that an error body describes. An id we do not know becomes the one that fits the status best. */
export function toPlatformError(status: number, body: Partial<ErrorBody>): PlatformError {
  const id = body.id !== undefined && Object.hasOwn(errorStatus, body.id) ? (body.id as ErrorId) : idOfStatus(status)
  const message = body.message || `The runtime answered with status ${status}.`
  return new PlatformError(id, message, body.resource === undefined ? {} : {resource: body.resource as ErrorResource})
}

function idOfStatus(status: number): ErrorId {
  const found = Object.entries(errorStatus).find(([, one]) => one === status)
  if (found) return found[0] as ErrorId
  return status < 500 ? 'bad_request' : 'internal_server_error'
}
