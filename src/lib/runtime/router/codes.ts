/**
 * Heroku's router codes that this router tells apart: description, level in the line, status the client gets (heroku-platform.md 3.4).
 * docs/errors.md says of the others why they cannot occur.
 */
export const routerCodes = {
  H10: {desc: 'App crashed', at: 'error', status: 503},
  H11: {desc: 'Backlog too deep', at: 'error', status: 503},
  H12: {desc: 'Request timeout', at: 'error', status: 503},
  H13: {desc: 'Connection closed without response', at: 'error', status: 503},
  H14: {desc: 'No web processes running', at: 'error', status: 503},
  H15: {desc: 'Idle connection', at: 'error', status: 503},
  H17: {desc: 'Poorly formatted HTTP response', at: 'error', status: 503},
  H18: {desc: 'Server Request Interrupted', at: 'error', status: 503},
  H19: {desc: 'Backend connection timeout', at: 'error', status: 503},
  H20: {desc: 'App boot timeout', at: 'error', status: 503},
  H21: {desc: 'Backend connection refused', at: 'error', status: 503},
  H24: {desc: 'Forced close', at: 'error', status: undefined},
  H25: {desc: 'HTTP restriction: oversized cookie', at: 'error', status: 502},
  H26: {desc: 'Request Error', at: 'error', status: 400},
  H27: {desc: 'Client Request Interrupted', at: 'warning', status: 499},
  H28: {desc: 'Client Connection Idle', at: 'warning', status: 499},
  H31: {desc: 'Misdirected Request', at: 'error', status: 421},
  H33: {desc: 'HTTP/2 Stream Broken', at: 'error', status: undefined},
  H34: {desc: 'All up dynos are quarantined', at: 'error', status: 503},
  H80: {desc: 'Maintenance mode', at: 'info', status: 503},
  H81: {desc: 'Blank app', at: 'info', status: 502},
  H99: {desc: 'Platform error', at: 'error', status: 503},
} as const

/** How many requests of an app may be under way for each of its web dynos; the next is H11. */
export const backlogPerDyno = 200

export type RouterCode = keyof typeof routerCodes
