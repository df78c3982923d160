/** What `GET /runtime/doctor` answers: the runtime's side of `doctor`. */
export interface RuntimeDoctor {
  engine: {
    version: string
    api_version: string
    url: string
    /** What named that address. */
    source: string
    /** The engine's clock minus this machine's, in ms; null when it does not tell. */
    clock_skew: number | null
  } | null
  /** Why no engine answers; null when one does. */
  engine_problem: {code: string; message: string} | null
  /** Free and total bytes where the home and, if it is on this machine, the engine keep their files. */
  disks: {name: 'home' | 'engine'; path: string; free: number; total: number}[]
  /** Why starting what runs in the engine does not succeed; null when it did. */
  bring_up_problem: string | null
  /** Why the router does not run; null when it does, or was not tried yet. */
  router_problem: string | null
}
