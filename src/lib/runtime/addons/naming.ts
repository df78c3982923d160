import {PlatformError} from '../../schema/errors.js'
import type {AddonRecord} from './addons.js'

/** Random bytes; `node:crypto` in the runtime, something repeatable in tests. */
export type RandomBytes = (count: number) => Uint8Array

/** heroku-platform.md 9.1: the colours of further attachments. */
export const colors = [
  ...['AMBER', 'AQUA', 'BLACK', 'BLUE', 'BRONZE', 'BROWN', 'CHARCOAL', 'COBALT', 'COPPER', 'CRIMSON', 'CYAN', 'GOLD', 'GRAY', 'GREEN'],
  ...['IVORY', 'JADE', 'MAROON', 'MAUVE', 'NAVY', 'OLIVE', 'ONYX', 'ORANGE', 'PINK', 'PUCE', 'PURPLE', 'RED', 'ROSE', 'SILVER', 'TEAL'],
  ...['VIOLET', 'WHITE', 'YELLOW'],
] as const

const shapes = [
  ...['acute', 'adjacent', 'amorphous', 'animated', 'angular', 'asymmetrical', 'clean', 'closed', 'colorful', 'concave', 'concentric'],
  ...['contoured', 'convex', 'corrugated', 'crystalline', 'cubed', 'cubic', 'curly', 'curved', 'cylindrical', 'deep', 'defined'],
  ...['dimensional', 'elliptical', 'encircled', 'fitted', 'flat', 'flexible', 'fluffy', 'globular', 'graceful', 'horizontal', 'infinite'],
  ...[
    'lively',
    'metric',
    'objective',
    'octagonal',
    'opaque',
    'parallel',
    'perpendicular',
    'pointy',
    'polished',
    'rectangular',
    'reticulated',
  ],
  ...['rigid', 'rounded', 'rugged', 'shaped', 'shallow', 'sinuous', 'solid', 'spherical', 'square', 'swiftly', 'symmetrical', 'tapered'],
  ...['tetrahedral', 'transparent', 'trapezoidal', 'triangular', 'vertical', 'wavy'],
] as const

/** `postgresql-curved-12345`. */
export function addonName(prefix: string, random: RandomBytes): string {
  return `${prefix}-${shapes[number(random, shapes.length)]}-${String(number(random, 100_000)).padStart(5, '0')}`
}

/** Host name inside the apps' networks, and what the container is named after. A new name changes neither, so nothing restarts. */
export function hostOf(addon: Pick<AddonRecord, 'name' | 'host'>): string {
  return addon.host ?? addon.name
}

/** Throws invalid_params. Shorter than Heroku's, because it is a host name too. */
export function checkAddonName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/i.test(name))
    throw new PlatformError(
      'invalid_params',
      'Name must start with a letter and can only contain letters, numbers and dashes, 2 to 63 of them.',
    )
}

/** Throws invalid_params. */
export function checkAttachmentName(name: string): void {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name) || name.length > 256)
    throw new PlatformError(
      'invalid_params',
      'Name must start with an upper-case letter and can only contain upper-case letters, numbers and underscores.',
    )
}

/** The service's own name for the first attachment in an app, `<alternate>_<COLOR>` for further ones. */
export function attachmentName(first: string, alternate: string, taken: readonly string[], random: RandomBytes): string {
  if (!taken.includes(first)) return first
  const free = colors.map(color => `${alternate}_${color}`).filter(name => !taken.includes(name))
  if (free.length > 0) return free[number(random, free.length)] as string
  return `${alternate}_${Buffer.from(random(4)).toString('hex').toUpperCase()}`
}

/** Credentials of a new add-on: a prefix and that many hex digits each. */
export function credentialsFor(wanted: Record<string, {prefix: string; digits: number}>, random: RandomBytes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, {prefix, digits}]) => [
      name,
      `${prefix}${Buffer.from(random(Math.ceil(digits / 2)))
        .toString('hex')
        .slice(0, digits)}`,
    ]),
  )
}

/** A port for programs on the host, below the ephemeral ports and out of the usual servers' way. */
export function hostPortFor(taken: readonly number[], random: RandomBytes): number {
  const [low, high] = [20_000, 32_000]
  for (;;) {
    const port = low + number(random, high - low)
    if (!taken.includes(port)) return port
  }
}

function number(random: RandomBytes, below: number): number {
  return Buffer.from(random(6)).readUIntBE(0, 6) % below
}
