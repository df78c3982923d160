import {createHash} from 'node:crypto'

/** A UUID that is always the same for the same name: for things that have a name but no row (regions, stacks, sizes, plans). */
export function stableId(kind: string, name: string): string {
  const hex = createHash('sha256').update(`hokku:${kind}:${name}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}

export function named(kind: string, name: string): {id: string; name: string} {
  return {id: stableId(kind, name), name}
}
