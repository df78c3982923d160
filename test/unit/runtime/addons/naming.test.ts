import {expect, test} from 'vitest'
import {attachmentName, checkAddonName, colors, credentialsFor, hostPortFor} from '../../../../src/lib/runtime/addons/naming.js'

const zeros = (count: number): Uint8Array => new Uint8Array(count)

test('the first attachment has the name of the service, later ones a free colour, then anything', () => {
  expect(attachmentName('DATABASE', 'HEROKU_POSTGRESQL', [], zeros)).toBe('DATABASE')
  expect(attachmentName('DATABASE', 'HEROKU_POSTGRESQL', ['DATABASE'], zeros)).toBe('HEROKU_POSTGRESQL_AMBER')
  expect(attachmentName('DATABASE', 'HEROKU_POSTGRESQL', ['DATABASE', 'HEROKU_POSTGRESQL_AMBER'], zeros)).toBe('HEROKU_POSTGRESQL_AQUA')
  const all = ['DATABASE', ...colors.map(color => `HEROKU_POSTGRESQL_${color}`)]
  expect(attachmentName('DATABASE', 'HEROKU_POSTGRESQL', all, zeros)).toBe('HEROKU_POSTGRESQL_00000000')
})

test('credentials are as long as the manifest says and safe in a URL', () => {
  const {user, password} = credentialsFor({user: {prefix: 'u', digits: 13}, password: {prefix: 'p', digits: 64}}, size =>
    new Uint8Array(size).fill(0xab),
  )
  expect(user).toBe('uabababababab' + 'a')
  expect(password).toMatch(/^p[0-9a-f]{64}$/)
})

test('a host port is never given twice', () => {
  let next = 0
  const counting = (count: number): Uint8Array => {
    const bytes = Buffer.alloc(count)
    bytes[count - 1] = next++
    return bytes
  }
  expect(hostPortFor([20_000, 20_001], counting)).toBe(20_002)
})

test('names of add-ons are host names', () => {
  for (const name of ['db', 'postgresql-cubed-12345', 'My-Cache']) expect(() => checkAddonName(name)).not.toThrow()
  for (const name of ['1db', 'a_b', 'a.b', '-a', 'a-', 'x'.repeat(64), 'a; rm'])
    expect(() => checkAddonName(name)).toThrow(/Name must start/)
})
