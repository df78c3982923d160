import {describe, expect, it} from 'vitest'
import {Apps} from '../../../../src/lib/runtime/apps/apps.js'
import {Formations} from '../../../../src/lib/runtime/formation/formations.js'
import {memoryStore} from '../../../support/memory-store.js'

async function formations() {
  const {store, clock, logs} = await memoryStore()
  const app = new Apps(store, clock).create({name: 'demo'})
  const made = new Formations(store, clock, logs)
  const shown = (): string =>
    made
      .list(app.id)
      .map(one => `${one.type}=${one.quantity}:${one.size}`)
      .join(' ')
  return {made, id: app.id, shown, logs}
}

describe('a formation', () => {
  it('starts with one web dyno and none of the others, and says so', async () => {
    const {made, id, shown, logs} = await formations()
    made.follow(id, {web: 'npm start', worker: 'node worker.js'}, 'me')
    expect(shown()).toBe('web=1:Basic worker=0:Basic')
    expect(logs.lines).toEqual(['app[api]: Scaled to web@1:Basic worker@0:Basic by user me'])
  })

  it('drops types that are gone, begins new ones at 0 and keeps the rest', async () => {
    const {made, id, shown} = await formations()
    made.follow(id, {web: 'a', old: 'b'}, 'me')
    made.scale(
      id,
      [
        {type: 'web', quantity: 3, size: 'standard-2x'},
        {type: 'old', quantity: 2},
      ],
      'me',
    )
    made.follow(id, {web: 'a', fresh: 'c'}, 'me')
    expect(shown()).toBe('fresh=0:Standard-2X web=3:Standard-2X')
  })

  it('takes absolute and relative quantities', async () => {
    const {made, id, shown} = await formations()
    made.follow(id, {web: 'a'}, 'me')
    made.scale(id, [{type: 'web', quantity: '3'}], 'me')
    made.scale(id, [{type: 'web', quantity: '+2'}], 'me')
    made.scale(id, [{type: 'web', quantity: '-1'}], 'me')
    expect(shown()).toBe('web=4:Basic')
  })

  it.each([
    [{type: 'nope', quantity: 1}, "Couldn't find that process type (nope)."],
    [{type: 'web', quantity: '-5'}, 'quantity must be 0 or more'],
    [{type: 'web', quantity: 'many'}, 'must be a number'],
    [{type: 'web', quantity: 1.5}, 'must be a number'],
    [{type: 'web', size: 'huge'}, 'No such dyno size as huge'],
    [{type: 'web', quantity: 101}, 'an app can have at most 100'],
    [{type: 'release', quantity: 1}, 'cannot be scaled'],
  ])('refuses %j and changes nothing', async (update, message) => {
    const {made, id, shown} = await formations()
    made.follow(id, {web: 'a', release: 'b'}, 'me')
    expect(() => made.scale(id, [{type: 'web', quantity: 2}, update], 'me')).toThrow(message)
    expect(shown()).toBe('release=0:Basic web=1:Basic')
  })
})
