import type {ScheduledRun} from '../../schema/scheduled-job.js'
import {formatTime} from './time.js'

/** `succeeded 2026-11-29 02:30 +0100`, `failed with 3 …`. */
export function runText({state, exit_code: code, due_at: due}: ScheduledRun): string {
  const how = state === 'failed' && code !== null ? `failed with ${code}` : state
  return `${how} ${formatTime(new Date(due))}`
}
