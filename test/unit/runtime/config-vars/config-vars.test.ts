import {describe, expect, it} from 'vitest'
import {Apps} from '../../../../src/lib/runtime/apps/apps.js'
import {ConfigVars} from '../../../../src/lib/runtime/config-vars/config-vars.js'
import {memoryStore} from '../../../support/memory-store.js'

async function configVars() {
  const {store, clock, seal} = await memoryStore()
  const app = new Apps(store, clock).create({name: 'demo'})
  return {vars: new ConfigVars(store, seal), id: app.id, store}
}
const nobody = new Set<string>()

describe('config vars', () => {
  it('are set, removed and described as Heroku does', async () => {
    const {vars, id} = await configVars()
    expect(vars.change(id, {A: '1', B: 'two words'}, nobody)).toBe('Set A, B config vars')
    expect(vars.change(id, {A: null}, nobody)).toBe('Remove A config vars')
    expect(vars.get(id)).toEqual({B: 'two words'})
  })

  it('make no release when nothing changes', async () => {
    const {vars, id} = await configVars()
    vars.change(id, {A: '1'}, nobody)
    expect(vars.change(id, {A: '1', GONE: null}, nobody)).toBeUndefined()
  })

  it('keep any value a process environment can carry', async () => {
    const {vars, id} = await configVars()
    const value = 'quotes \'"` $HOME \\ \n newline, grüße 🚀 '
    vars.change(id, {V: value, EMPTY: ''}, nobody)
    expect(vars.get(id)).toEqual({V: value, EMPTY: ''})
  })

  it('are not readable in the store', async () => {
    const {vars, id, store} = await configVars()
    vars.change(id, {V: 'planted-secret'}, nobody)
    expect(JSON.stringify(store.all('SELECT * FROM config_vars'))).not.toContain('planted-secret')
  })

  it.each([
    [{'': 'x'}, 'is not valid'],
    [{'A=B': 'x'}, 'is not valid'],
    [{'A B': 'x'}, 'is not valid'],
    [{A: 'a\0b'}, 'NUL byte'],
    [{A: 7 as never}, 'must be a string or null'],
    [{A: 'x'.repeat(65 * 1024)}, 'must not exceed 64 KB in total'],
    [{DATABASE_URL: 'x'}, 'Cannot overwrite attachment values DATABASE_URL.'],
  ])('refuse %.30j and change nothing', async (changes, message) => {
    const {vars, id} = await configVars()
    expect(() => vars.change(id, {GOOD: '1', ...changes}, new Set(['DATABASE_URL']))).toThrow(message)
    expect(vars.get(id)).toEqual({})
  })
})
