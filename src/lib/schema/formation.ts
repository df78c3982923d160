/** One entry of `PATCH /apps/X/formation {updates}`. A quantity may be relative: `+1`, `-2`. */
export interface FormationUpdate {
  type: string
  quantity?: string
  size?: string
}

/** Reads `web=2`, `web+1`, `web-1`, `web=2:standard-2x`. Undefined when the argument is none of these. */
export function parseScale(argument: string): FormationUpdate | undefined {
  const found = /^([\w-]+)([=+-]\d+)(?::([\w-]+))?$/.exec(argument)
  if (found === null) return undefined
  const [, type, change, size] = found as unknown as [string, string, string, string | undefined]
  const quantity = change.startsWith('=') ? change.slice(1) : change
  return size === undefined ? {type, quantity} : {type, quantity, size}
}

/** Reads `web=standard-2x`. Undefined when the argument is something else. */
export function parseResize(argument: string): FormationUpdate | undefined {
  const found = /^([\w-]+)=([a-zA-Z][\w-]*|[12][xX])$/.exec(argument)
  return found === null ? undefined : {type: found[1] as string, size: found[2] as string}
}
