/** `2026/11/22 11:01:31 +0000 (~ 11m ago)`, in the reader's own time zone as Heroku's CLI prints it. */
export function timeAgo(time: string | Date, now: Date): string {
  const at = new Date(time)
  const ago = since(at, now)
  return ago === '' ? formatTime(at) : `${formatTime(at)} (${ago})`
}

/** `~ 11m ago`; seconds below a minute, minutes below an hour, hours below 25 h, then nothing. */
export function since(at: Date, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1000))
  if (seconds < 60) return `~ ${seconds}s ago`
  if (seconds < 3600) return `~ ${Math.floor(seconds / 60)}m ago`
  if (seconds < 25 * 3600) return `~ ${Math.floor(seconds / 3600)}h ago`
  return ''
}

/** `2026/11/22 11:01:31 +0000` */
export function formatTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const offset = -at.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  const day = `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone}`
}

const minute = 1
const hour = 60
const day = 24 * hour
const month = 30 * day

/** `less than a minute`, `5 minutes`, `about 2 hours`, `3 days`: as date-fns, which Heroku's CLI uses, tells how long ago something was. */
export function distance(at: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - at.getTime()) / 60_000))
  const count = (unit: number, word: string): string => {
    const number = Math.round(minutes / unit)
    return `${number} ${word}${number === 1 ? '' : 's'}`
  }
  if (minutes < 1) return 'less than a minute'
  if (minutes < 45) return count(minute, 'minute')
  if (minutes < 24 * hour) return `about ${count(hour, 'hour')}`
  if (minutes < month) return count(day, 'day')
  if (minutes < 2 * month) return `about ${count(month, 'month')}`
  return minutes < 12 * month ? count(month, 'month') : `about ${count(365 * day, 'year')}`
}
