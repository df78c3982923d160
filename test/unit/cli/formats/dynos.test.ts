import {expect, test} from 'vitest'
import {dynoGroups} from '../../../../src/lib/cli/formats/dynos.js'
import {formatTime} from '../../../../src/lib/cli/formats/time.js'
import {paletteFor} from '../../../../src/lib/cli/palette.js'
import type {Dyno} from '../../../../src/lib/schema/resources.js'

const now = new Date('2026-11-22T11:12:31Z')
const time = '2026-11-22T11:01:31Z'
const palette = await paletteFor({isTTY: false}, {})

function dyno(name: string, more: Partial<Dyno> & {version?: number} = {}): Dyno {
  const {version = 8, ...rest} = more
  return {
    attach_url: null,
    command: 'npm start',
    created_at: time,
    id: name,
    name,
    release: {id: `release-${version}`, version},
    app: {id: 'a', name: 'demo'},
    size: 'Basic',
    state: 'up',
    type: name.split('.')[0] as string,
    updated_at: time,
    ...rest,
  }
}

const shown = (dynos: Dyno[]): string[] => dynoGroups(dynos, palette, now).flatMap(({title, lines}) => [`=== ${title}`, ...lines])
const at = `${formatTime(new Date(time))} (~ 11m ago)`

test('one-off dynos come first, then each command with its dynos in the order of their numbers', () => {
  expect(
    shown([
      dyno('web.10'),
      dyno('web.2', {state: 'starting'}),
      dyno('worker.1', {command: 'node worker.js', size: 'Standard-1X'}),
      dyno('run.1234', {command: 'bash'}),
    ]),
  ).toEqual([
    '=== run: one-off processes (1)',
    `run.1234 (Basic): up ${at}: bash`,
    '=== web (Basic): npm start (2)',
    `web.2: starting ${at}`,
    `web.10: up ${at}`,
    '=== worker (Standard-1X): node worker.js (1)',
    `worker.1: up ${at}`,
  ])
})

test('of two dynos of one name the older release is told, and so is a dyno that has not been replaced yet', () => {
  expect(shown([dyno('web.1', {version: 7}), dyno('web.1', {version: 8, state: 'starting'}), dyno('web.2', {version: 7})])).toEqual([
    '=== web (Basic): npm start (3)',
    `web.1: starting ${at}`,
    `web.1: up ${at} (v7)`,
    `web.2: up ${at} (v7)`,
  ])
})

test('a one-off dyno keeps its release without a word, and does not make others look old', () => {
  expect(shown([dyno('run.1', {version: 9, command: 'bash'}), dyno('web.1', {version: 8})]).join('\n')).not.toContain('(v')
})

test('nothing is shown of no dynos', () => {
  expect(shown([])).toEqual([])
})
