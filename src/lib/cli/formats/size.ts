const units = ['B', 'KB', 'MB', 'GB', 'TB']

/** `12 KB`, `33 MB`: powers of 1024, no decimals, as Heroku's CLI prints sizes. */
export function formatSize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${Math.round(value)} ${units[unit]}`
}

/** Bytes of `256MB`, `1.5 GB`, `512`, by the same units; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const [, value, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*$/i.exec(text) ?? []
  return value === undefined ? undefined : Math.round(Number(value) * 1024 ** ('KMGT'.indexOf(unit.toUpperCase() || ' ') + 1))
}
