import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process'
import {chownSync, existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {eventually} from './eventually.js'

/** Where Debian and its kin put servers. */
const installed = '/usr/lib/postgresql'

/** A PostgreSQL server of this machine, in a directory of its own, reached through a socket. */
export class LocalPostgres implements AsyncDisposable {
  private server: ChildProcess | undefined

  private constructor(
    private readonly bin: string,
    readonly directory: string,
    private readonly user: {uid?: number; gid?: number},
  ) {}

  /** Whether this machine has one. */
  static get available(): boolean {
    return existsSync(installed) && readdirSync(installed).length > 0
  }

  static async start(): Promise<LocalPostgres> {
    const version = readdirSync(installed).sort((a, b) => Number(b) - Number(a))[0] as string
    const directory = mkdtempSync(join(tmpdir(), 'hk-pg-'))
    // It refuses to run as root.
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']))
    const user = process.getuid?.() === 0 ? {uid: id('-u'), gid: id('-g')} : {}
    if (user.uid !== undefined) chownSync(directory, user.uid, user.gid as number)
    const made = new LocalPostgres(join(installed, version, 'bin'), directory, user)
    const args = ['-D', join(directory, 'data'), '-U', 'postgres', '-A', 'trust', '-N', '--locale=C.UTF-8']
    const {status, stderr} = spawnSync(join(made.bin, 'initdb'), args, {...user, cwd: directory, encoding: 'utf8'})
    if (status !== 0) throw new Error(stderr)
    await made.run()
    return made
  }

  /** How libpq gets there. */
  get env(): NodeJS.ProcessEnv {
    return {PGHOST: this.directory, PGUSER: 'postgres'}
  }

  /** What a query prints. Throws with psql's words. */
  sql(database: string, text: string): string {
    const args = ['-qtAX', '-v', 'ON_ERROR_STOP=1', '-d', database]
    const {status, stdout, stderr} = spawnSync('psql', args, {env: {...process.env, ...this.env}, encoding: 'utf8', input: text})
    if (status !== 0) throw new Error(stderr)
    return stdout.trim()
  }

  databases(): string[] {
    return this.sql('postgres', 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1').split('\n')
  }

  /** As when its machine loses power. */
  async kill(): Promise<void> {
    const ended = new Promise(resolve => this.server?.once('exit', resolve))
    this.server?.kill('SIGQUIT')
    await ended
  }

  async run(): Promise<void> {
    const args = ['-D', join(this.directory, 'data'), '-k', this.directory, '-c', 'listen_addresses=', '-c', 'fsync=off']
    this.server = spawn(join(this.bin, 'postgres'), args, {...this.user, cwd: this.directory, stdio: 'ignore'})
    await eventually(async () => void this.sql('postgres', 'SELECT 1'), 30_000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.directory, {recursive: true, force: true})
  }
}
