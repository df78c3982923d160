/** A request path from literal text and escaped values: path`/apps/${app}/domains/${hostname}`. */
export function path(literals: TemplateStringsArray, ...values: (string | number)[]): string {
  return literals.reduce((text, literal, at) => `${text}${encodeURIComponent(values[at - 1] ?? '')}${literal}`)
}
