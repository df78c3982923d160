import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {type Result, World} from '../support/world.js'

/** Only root may mount the small disk; elsewhere the test is skipped, and counted so. */
const mountable = process.platform === 'linux' && process.getuid?.() === 0

it.skipIf(!mountable)(
  'a full disk refuses changes by its name, keeps what there was, and takes changes again when it has room',
  async () => {
    await using disk = smallDisk()
    await using world = await World.start()
    const {root} = disk
    world.env['HOKKU_HOME'] = root
    await world.ok('create demo-disk --no-remote')
    await world.ok('config:set KEPT=yes --app demo-disk')
    const kept: Record<string, string> = {KEPT: 'yes'}
    // Not at the first byte: some write in the middle of a change is the one for which there is no room.
    disk.fill(160 * 1024)
    const set = (name: string): Promise<Result> => world.hokku(['config:set', `${name}=${'x'.repeat(8_000)}`, '--app', 'demo-disk'])
    let refused = await set('V0')
    for (let n = 1; refused.exitCode === 0; n += 1) {
      kept[`V${n - 1}`] = 'x'.repeat(8_000)
      refused = await set(`V${n}`)
    }
    expect(refused.stderr.replace(/\s+›\s+/g, ' ')).toContain(`The disk that holds ${root} is full`)
    expect(refused.exitCode).toBe(75)
    expect(await world.ok('config:get KEPT --app demo-disk')).toBe('yes\n')
    process.kill(await world.runtimePid(), 'SIGKILL')
    disk.makeRoom()
    expect(await world.json('config --app demo-disk')).toEqual(kept)
    const releases = await world.json<{status: string}[]>('releases --app demo-disk')
    expect(releases.map(one => one.status)).toEqual(Array(2 + Object.keys(kept).length).fill('succeeded'))
    await world.ok('config:set AFTER=too --app demo-disk')
  },
)

/** A tmpfs of 4 MB. */
function smallDisk(): {root: string; fill(left: number): void; makeRoom(): void} & AsyncDisposable {
  const root = mkdtempSync(join(tmpdir(), 'hk-disk-'))
  const run = (program: string, ...args: string[]): void => {
    const {status, stderr} = spawnSync(program, args, {encoding: 'utf8'})
    if (status !== 0) throw new Error(`${program}: ${stderr}`)
  }
  run('mount', '-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', root)
  const ballast = join(root, 'ballast')
  return {
    root,
    /** Until at most that many bytes are left. */
    fill(left) {
      for (let part = 0; ; part += 1) {
        const {bavail, bsize} = statfsSync(root)
        const room = bavail * bsize - left
        if (room <= 0) return
        writeFileSync(`${ballast}${part}`, Buffer.alloc(Math.min(room, 256 * 1024)))
      }
    },
    makeRoom() {
      for (let part = 0; part < 32; part += 1) rmSync(`${ballast}${part}`, {force: true})
    },
    async [Symbol.asyncDispose]() {
      // Lazily: SQLite keeps files of a store that was closed open until its statements are collected.
      run('umount', '--lazy', root)
      rmdirSync(root)
    },
  }
}
