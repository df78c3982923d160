import type {Build} from '../../schema/resources.js'
import type {Palette} from '../palette.js'
import type {Columns} from './table.js'
import {timeAgo} from './time.js'

/** The columns of `builds`. */
export function buildColumns(palette: Palette, now: Date): Columns<Build> {
  return {
    id: build => palette.name(build.id),
    status: build => paintBuildStatus(build, palette),
    version: sourceVersion,
    user: build => palette.user(build.user.email),
    created_at: build => timeAgo(build.created_at, now),
  }
}

export function paintBuildStatus({status}: Pick<Build, 'status'>, palette: Palette): string {
  if (status === 'failed') return palette.failure(status)
  return status === 'pending' ? palette.warning(status) : status
}

/** A git commit as Heroku shortens it; other names of versions stay whole. */
export function sourceVersion({source_blob: {version}}: Pick<Build, 'source_blob'>): string {
  return /^[0-9a-f]{40}$/.test(version ?? '') ? (version as string).slice(0, 8) : (version ?? '')
}
