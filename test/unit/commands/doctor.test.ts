import {chmod, writeFile} from 'node:fs/promises'
import {expect, test} from 'vitest'
import type {Check} from '../../../src/lib/cli/doctor/examine.js'
import type {RuntimeDoctor} from '../../../src/lib/schema/runtime-doctor.js'
import {startTestPlatform} from '../../support/platform.js'

const named = (checks: Check[], name: string): Check | undefined => checks.find(check => check.name === name)

test('doctor has a line for each check, and the same as JSON', async () => {
  await using platform = await startTestPlatform()
  const {stdout, stderr} = await platform.run('doctor')
  expect(stderr).toBe('Examining this machine... done\n')
  expect(stdout).toMatch(/^ok {4}cli {10}hokku \d/)
  expect(stdout).toContain('ok    engine       Docker memory (API 1.41) at memory:, by this process\n')
  const checks: Check[] = JSON.parse((await platform.run('doctor --json')).stdout)
  expect(named(checks, 'home')?.level).toBe('ok')
  expect(named(checks, 'clock')?.level).toBe('ok')
  expect(named(checks, 'certificate')?.level).toBe('ok')
})

test('doctor exits with 1 when no engine answers, and says how to start one', async () => {
  await using platform = await startTestPlatform()
  platform.engine.goDown()
  const {stdout, exitCode} = await platform.run('doctor')
  expect(stdout).toContain('fail  engine ')
  expect(stdout).toContain('Try this: ')
  expect(exitCode).toBe(1)
  expect(await platform.api<RuntimeDoctor>('GET', '/runtime/doctor')).toMatchObject({engine: null, engine_problem: {code: 'unavailable'}})
})

test('doctor sees a home that others can read', async () => {
  await using platform = await startTestPlatform()
  await writeFile(platform.home.key, '', {flag: 'a'})
  await chmod(platform.home.root, 0o755)
  await chmod(platform.home.key, 0o644)
  const checks: Check[] = JSON.parse((await platform.run('doctor --json')).stdout)
  const mends = checks.filter(({name}) => name === 'home').map(({mend}) => mend)
  expect(mends).toEqual(expect.arrayContaining([`chmod 700 ${platform.home.root}`, `chmod 600 ${platform.home.key}`]))
})
