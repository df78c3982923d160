import type {Dyno} from '../../schema/resources.js'
import type {Palette} from '../palette.js'
import {timeAgo} from './time.js'

/** Dynos under one header of `ps`. */
export interface DynoGroup {
  title: string
  lines: string[]
}

/** Heroku's groups: one-off dynos first, then the dynos of each command in order of their names, whatever their types. */
export function dynoGroups(dynos: readonly Dyno[], palette: Palette, now: Date): DynoGroup[] {
  const byName = [...dynos].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const oneOffs = byName.filter(dyno => dyno.type === 'run').sort(byNumber)
  const others = byName.filter(dyno => dyno.type !== 'run').sort(byRelease)
  const newest = Math.max(...others.map(dyno => dyno.release.version))
  const commands = [...new Set(byName.filter(dyno => dyno.type !== 'run').map(dyno => dyno.command))]
  const groups = commands.map(command => commandGroup(others.filter(dyno => dyno.command === command).sort(byNumber), newest, palette, now))
  return oneOffs.length === 0 ? groups : [oneOffGroup(oneOffs, palette, now), ...groups]
}

function oneOffGroup(dynos: Dyno[], palette: Palette, now: Date): DynoGroup {
  return {
    title: `${palette.name('run')}: one-off processes (${dynos.length})`,
    lines: dynos.map(dyno => `${dyno.name} (${palette.number(dyno.size)}): ${stateSince(dyno, palette, now)}: ${dyno.command}`),
  }
}

/** Two releases of one dyno may be there during a deploy or after a crash: the older one says which it is. */
function commandGroup(dynos: Dyno[], newest: number, palette: Palette, now: Date): DynoGroup {
  const {type, size, command} = dynos[0] as Dyno
  const release = (dyno: Dyno): string => (dyno.release.version === newest ? '' : ` (v${dyno.release.version})`)
  return {
    title: `${palette.name(type)} (${palette.number(size)}): ${command} (${dynos.length})`,
    lines: dynos.map(dyno => `${dyno.name}: ${stateSince(dyno, palette, now)}${release(dyno)}`),
  }
}

function stateSince(dyno: Dyno, palette: Palette, now: Date): string {
  return `${palette.state(dyno.state)} ${palette.date(timeAgo(dyno.updated_at, now))}`
}

function byNumber(a: Dyno, b: Dyno): number {
  return numberOf(a.name) - numberOf(b.name)
}

function byRelease(a: Dyno, b: Dyno): number {
  return b.release.version - a.release.version
}

function numberOf(name: string): number {
  return Number(/\.(\d+)$/.exec(name)?.[1] ?? 0)
}
