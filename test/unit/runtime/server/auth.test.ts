import {describe, expect, it} from 'vitest'
import {isLoopback} from '../../../../src/lib/runtime/server/auth.js'

describe('the Host check', () => {
  it.each(['127.0.0.1', '127.0.0.1:5080', 'localhost:5080', 'LOCALHOST', '[::1]:80'])('lets %s in', host => {
    expect(isLoopback(host)).toBe(true)
  })
  it.each(['', 'evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:5080', '127.0.0.1@evil.example', '10.0.0.1'])(
    'keeps %s out',
    host => {
      expect(isLoopback(host)).toBe(false)
    },
  )
})
