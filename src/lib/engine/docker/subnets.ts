/** Our pool: /24s in 10.208.0.0/12, 4,096 networks of 250 dynos. */
const poolStart = (10 << 24) | (208 << 16)
const poolSize = 4096
const blockSize = 256

interface Range {
  first: number
  last: number
}

/** Subnets of the pool that overlap none of those taken (CIDRs), beginning at a place that depends on the name so that two creators rarely meet. */
export function* freeSubnets(name: string, taken: string[]): Generator<string> {
  const ranges = taken.map(rangeOf).filter(range => range !== undefined)
  const begin = [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % poolSize, 7)
  for (let step = 0; step < poolSize; step++) {
    const first = (poolStart | 0) + ((begin + step) % poolSize) * blockSize
    const last = first + blockSize - 1
    if (!ranges.some(range => range.first <= last && first <= range.last)) yield `${dotted(first)}/24`
  }
}

function rangeOf(cidr: string): Range | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = match.slice(1).map(Number)
  const size = 2 ** (32 - bits)
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
  const first = address - (address % size)
  return {first, last: first + size - 1}
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join('.')
}
