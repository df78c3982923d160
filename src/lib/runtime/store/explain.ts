import {statfsSync} from 'node:fs'
import {dirname} from 'node:path'
import {PlatformError} from '../../schema/errors.js'

const codes = {ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, readOnly: 8, notADatabase: 26}

/** What a failure of SQLite means to whoever owns the file, and what to do next. Other errors are returned as they are. */
export function explainSqlite(error: unknown, path: string): unknown {
  const code = errorCode(error)
  if (code === undefined || path === ':memory:') return error
  if (code === codes.full || (code === codes.ioError && freeBytes(path) < 1024 * 1024)) return diskFull(dirname(path), error)
  if (code === codes.corrupt || code === codes.notADatabase) return damaged(path, error)
  if (code === codes.ioError || code === codes.cannotOpen || code === codes.readOnly) return unusable(path, error)
  return error
}

/** For a write that failed because the disk of a folder is full. Nothing is lost by it: what was stored before stays. */
export function diskFull(directory: string, cause: unknown): PlatformError {
  const free = Math.floor(freeBytes(directory) / 1024)
  return new PlatformError(
    'service_unavailable',
    `The disk that holds ${directory} is full (${free} kB left), so nothing was changed. Free some space there and try again.`,
    {cause},
  )
}

/** node:sqlite tells SQLite's extended result code, whose last byte is the primary one; its stand-in tells a message only. */
function errorCode(error: unknown): number | undefined {
  const {errcode, message = ''} = error as {errcode?: number; message?: string}
  if (typeof errcode === 'number') return errcode & 0xff
  if (/database or disk is full/.test(message)) return codes.full
  if (/disk image is malformed/.test(message)) return codes.corrupt
  if (/not a database/.test(message)) return codes.notADatabase
  if (/disk I\/O error/.test(message)) return codes.ioError
  if (/unable to open database file/.test(message)) return codes.cannotOpen
  return /readonly database/.test(message) ? codes.readOnly : undefined
}

function freeBytes(path: string): number {
  try {
    const {bavail, bsize} = statfsSync(dirname(path))
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function damaged(path: string, cause: unknown): PlatformError {
  return new PlatformError(
    'conflict',
    `${path} is damaged and was left as it is: ${(cause as Error).message}. Put a backup of it in its place, or move it away together with its -wal and -shm files to begin with an empty store; running dynos go on meanwhile.`,
    {cause},
  )
}

function unusable(path: string, cause: unknown): PlatformError {
  return new PlatformError(
    'service_unavailable',
    `${path} cannot be used: ${(cause as Error).message}. Check that its disk is there and that you may write to ${dirname(path)}.`,
    {cause},
  )
}
