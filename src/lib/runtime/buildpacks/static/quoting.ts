/** `*` is anything within a segment of the path, `**` anything at all; the rest is meant as it is. */
export function toRegex(pattern: string): string {
  return pattern
    .split(/(\*\*|\*)/)
    .map(part => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
}

/** A regular expression as a word of nginx's configuration. */
export function regex(expression: string): string {
  return `"${expression.replaceAll('"', '\\"')}"`
}

/** A text that means itself. nginx has no other way to write a dollar than a variable that holds one. */
export function literal(text: string): string {
  // A mark of ours it is not, either.
  const safe = text.replace(/[\\"]/g, '\\$&').replace(/\$/g, () => `\${dollar}`)
  return `"${safe.replace(/\{(?=\{)/g, () => `{\${nothing}`)}"`
}

/** What `literal` needs in the http block. */
export const literals = ['geo $dollar { default "$"; }', 'geo $nothing { default ""; }']

/** For bin/boot to fill in: `{{origin "https://${API_HOST}/"}}`. */
export function mark(name: string, argument?: string): string {
  return argument === undefined ? `{{${name}}}` : `{{${name} ${JSON.stringify(argument)}}}`
}
