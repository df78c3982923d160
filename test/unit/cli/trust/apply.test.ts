import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {apply, localCa, thisMachine} from '../../../../src/lib/cli/trust/apply.js'
import {testAuthority} from '../../../support/certificates.js'

let folder: string
let env: NodeJS.ProcessEnv

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hk-trust-'))
  env = {PATH: `${folder}:${process.env['PATH']}`, HOME: folder}
})
afterEach(() => rmSync(folder, {recursive: true}))

/** A program of that name that does what a shell script says. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

const store = (trust: string[][], untrust: string[][] = []) => ({name: 'a store', trust, untrust})

describe('a store', () => {
  it('is done when every program ended well, in turn', async () => {
    program('first', `echo "$1" >> ${folder}/seen`)
    expect(
      await apply(
        store([
          ['first', 'one'],
          ['first', 'two'],
          ['grep', '-c', 'o', `${folder}/seen`],
        ]),
        'trust',
        env,
      ),
    ).toEqual({
      store: 'a store',
      done: true,
      message: '',
    })
  })

  it('that fails tells the program’s last words, and what to run by hand from there on', async () => {
    program('sudo', 'echo first; echo "sudo: a password is required" >&2; exit 1')
    const result = await apply(store([['true'], ['sudo', '-n', 'install', 'a file'], ['sudo', '-n', 'update']]), 'trust', env)
    expect(result).toEqual({
      store: 'a store',
      done: false,
      message: "sudo: a password is required. By hand: sudo install 'a file' && sudo update",
    })
    expect((await apply(store([['no-such-program']]), 'trust', env)).message).toContain('ENOENT')
  })

  it('that does not have the authority has been made to forget it', async () => {
    program('certutil', 'echo "certutil: could not find certificate named x: SEC_ERROR_UNRECOGNIZED_OID" >&2; exit 255')
    expect((await apply(store([], [['certutil', '-D']]), 'untrust', env)).done).toBe(true)
    expect((await apply({...store([]), unable: 'no way'}, 'untrust', env)).done).toBe(true)
    expect(await apply({...store([]), unable: 'no way'}, 'trust', env)).toEqual({store: 'a store', done: false, message: 'no way'})
  })
})

describe('this machine', () => {
  it('has the programs on the PATH that can be run', () => {
    program('mine', 'true')
    writeFileSync(join(folder, 'text'), '')
    const machine = thisMachine(env, false)
    expect([machine.has('mine'), machine.has('text'), machine.has('no-such-program')]).toEqual([true, false, false])
    expect(machine.list(folder).sort()).toEqual(['mine', 'text'])
    expect(machine.list(join(folder, 'nowhere'))).toEqual([])
  })

  it('knows an authority by its file', () => {
    writeFileSync(join(folder, 'ca.pem'), testAuthority().certificate)
    expect(localCa(join(folder, 'ca.pem'))).toMatchObject({name: 'Test authority', sha1: expect.stringMatching(/^[0-9A-F]{40}$/)})
  })
})
