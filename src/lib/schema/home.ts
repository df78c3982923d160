import {createHash} from 'node:crypto'
import {homedir, tmpdir, userInfo} from 'node:os'
import {join, resolve} from 'node:path'

/** Where everything of one hokku lives on this machine. Pure: makes no file. */
export interface Home {
  root: string
  /** Unix socket of the runtime (0600, in a directory 0700). At most 100 bytes, as macOS wants. */
  socket: string
  socketDirectory: string
  /** Process id of the runtime, while it serves. In the socket's directory, so nobody else can write it. */
  pid: string
  /** SQLite file whose exclusive lock means "a runtime runs here". */
  lock: string
  store: string
  /** 32 bytes, 0600: what secrets at rest are sealed with. */
  key: string
  /** Bearer token of the TCP side, 0600. */
  token: string
  /** Certificate of the home's own authority, PEM: what clients of the TLS side are to trust. */
  ca: string
  logs: string
  git: string
  builds: string
  /** Encrypted dumps of databases. */
  backups: string
  /** Encrypted copies of what destroyed add-ons held. */
  snapshots: string
  /** Add-on services that were installed from a folder. */
  services: string
  /** What a restored platform backup still has to give to the engine. */
  restore: string
  router: string
  runtimeLog: string
}

/** `HOKKU_HOME`, else `$XDG_DATA_HOME/hokku`, else `~/.local/share/hokku`. */
export function resolveHome(env: NodeJS.ProcessEnv = process.env): Home {
  const given = env['HOKKU_HOME']
  const data = env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
  return homeAt(given ? resolve(given) : join(data, 'hokku'), env)
}

export function homeAt(root: string, env: NodeJS.ProcessEnv = process.env): Home {
  const socketDirectory = shortDirectory(root, env)
  return {
    root,
    socketDirectory,
    socket: join(socketDirectory, 'runtime.sock'),
    pid: join(socketDirectory, 'runtime.pid'),
    lock: join(root, 'runtime.lock'),
    store: join(root, 'hokku.sqlite'),
    key: join(root, 'key'),
    token: join(root, 'token'),
    ca: join(root, 'ca.pem'),
    logs: join(root, 'logs'),
    git: join(root, 'git'),
    builds: join(root, 'builds'),
    backups: join(root, 'backups'),
    snapshots: join(root, 'snapshots'),
    services: join(root, 'services'),
    restore: join(root, 'restore'),
    router: join(root, 'router'),
    runtimeLog: join(root, 'runtime.log'),
  }
}

function shortDirectory(root: string, env: NodeJS.ProcessEnv): string {
  const inside = join(root, 'run')
  if (Buffer.byteLength(join(inside, 'runtime.sock')) <= 100) return inside
  const mark = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join(env['XDG_RUNTIME_DIR'] || tmpdir(), `hokku-${userInfo().uid}-${mark}`)
}
