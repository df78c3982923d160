/** What `GET /runtime` answers: the handshake of every command, and `runtime:status`. */
export interface RuntimeStatus {
  version: string
  pid: number
  /** The home's root directory. */
  home: string
  /** Of the TCP side: `http://127.0.0.1:5055`. */
  url: string
  /** What `/NAME.git` is appended to. */
  git_url: string
  /** Path of the PEM file that clients of `https` on the same port are to trust. */
  ca_certificate: string
  /** Where apps are reached. */
  router: {port: number; tls_port: number} | null
  /** Null when no engine answers. */
  engine: {version: string; apiVersion: string} | null
  /** Why none answers. */
  engine_problem: string | null
  /** What the TCP side and git ask for; told on the socket only. */
  token?: string
  /** Images that are being built for all apps, with the last line of each. */
  preparing: {what: string; since: string; line: string}[]
  started_at: string
}

/** The one line a starting runtime writes to the file descriptor that HOKKU_READY_FD names. */
export type ReadyLine = {ready: true} | {error: {id: string; message: string}}
