import type {Release} from '../../schema/resources.js'
import type {Palette} from '../palette.js'
import type {Columns} from './table.js'
import {timeAgo} from './time.js'

/** What Heroku says of a release that is not simply there; undefined for one that succeeded. */
export function releaseStatus(release: Pick<Release, 'status'>): string | undefined {
  const words = {expired: 'release expired', failed: 'release command failed', pending: 'release command executing', succeeded: undefined}
  return words[release.status]
}

/** The columns of `releases`. Descriptions are cut so that the table fits `columns`; undefined leaves them whole. */
export function releaseColumns(
  releases: readonly Release[],
  {palette, now, columns}: {palette: Palette; now: Date; columns: number | undefined},
): Columns<Release> {
  const room = columns === undefined ? undefined : Math.max(columns, 80) - widthBeside(releases, now)
  return {
    v: release => paintStatus(release, `v${release.version}`, palette, palette.name),
    description: release => {
      const status = releaseStatus(release)
      if (status === undefined) return cut(release.description, room)
      const text = cut(release.description, room === undefined ? undefined : room - status.length - 1)
      return `${text} ${paintStatus(release, status, palette, palette.name)}`
    },
    user: release => palette.user(release.user.email),
    created_at: release => timeAgo(release.created_at, now),
  }
}

export function paintStatus(release: Pick<Release, 'status'>, text: string, palette: Palette, succeeded: (text: string) => string): string {
  if (release.status === 'failed') return palette.failure(text)
  if (release.status === 'pending') return palette.warning(text)
  return release.status === 'expired' ? palette.date(text) : succeeded(text)
}

/** Margin, the other columns, and the gaps between the four. */
function widthBeside(releases: readonly Release[], now: Date): number {
  const longest = (read: (release: Release) => string): number => Math.max(0, ...releases.map(release => read(release).length))
  return 2 + 3 * 3 + longest(one => `v${one.version}`) + longest(one => one.user.email) + longest(one => timeAgo(one.created_at, now))
}

function cut(text: string, width: number | undefined): string {
  return width === undefined || text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
