import type {Transport} from './transport.js'

export interface Stack {
  id: string
  name: string
  state: string
  default: boolean
}

export interface Region {
  id: string
  name: string
  description: string
  private_capable: boolean
}

/** What there is to choose from when an app is made. */
export function catalogResource(transport: Transport) {
  return {
    stacks: () => transport.list<Stack>('/stacks'),
    regions: () => transport.list<Region>('/regions'),
  }
}
