import {expect, test} from 'vitest'
import {inContext} from '../../../../src/lib/runtime/slugs/plan-context.js'
import {plan, step} from './plans.js'

const app = {stack: 'heroku-24', appId: '0d1'}

test('a later buildpack has the commands and the environment of those before it, its own first', () => {
  const [first, second] = inContext([plan({path: ['/a'], env: {A: '1', B: '1'}}), plan({path: ['/b', '/a'], env: {B: '2'}})], app)
  expect(first?.env).toEqual({A: '1', B: '1', PATH: '/a:/usr/local/bin:/usr/bin:/bin', STACK: 'heroku-24'})
  expect(second?.env).toEqual({A: '1', B: '2', PATH: '/b:/a:/usr/local/bin:/usr/bin:/bin', STACK: 'heroku-24'})
})

test('a cache is the app’s own', () => {
  const dependencies = {files: [], folders: ['x'], install: step('pip'), prune: step('prune')}
  const [placed] = inContext([plan({dependencies, build: [step('npm'), step('go')]})], app)
  const ids = [placed?.dependencies?.install, placed?.dependencies?.prune, ...(placed?.build ?? [])].map(one => one?.caches[0]?.id)
  expect(ids).toEqual(['hokku-pip-0d1', 'hokku-prune-0d1', 'hokku-npm-0d1', 'hokku-go-0d1'])
})
