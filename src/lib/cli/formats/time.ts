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
