import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import type {Check} from '../../src/lib/cli/doctor/examine.js'
import {World} from '../support/world.js'

const named = (checks: Check[], name: string): Check | undefined => checks.find(check => check.name === name)

test('doctor works where the runtime cannot start', async () => {
  await using world = await World.start()
  const home = world.env['HOKKU_HOME'] as string
  // Where the store should be is a directory.
  await mkdir(join(home, 'hokku.sqlite'), {recursive: true})
  const {stdout, exitCode} = await world.hokku('doctor --json')
  const checks: Check[] = JSON.parse(stdout)
  expect(named(checks, 'runtime')).toMatchObject({level: 'fail', message: expect.stringMatching(/^does not start: /)})
  expect(named(checks, 'engine')?.level).toBe('warn')
  expect(named(checks, 'disk')?.message).toContain(home)
  expect(exitCode).toBe(1)
})
