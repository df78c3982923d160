import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import type {BuildStep} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {shellExports, varsOf} from '../../../../src/lib/runtime/slugs/step-vars.js'

const seeing = (...configVars: string[]): BuildStep => ({
  ...{name: 'x', heading: '', introduction: [], run: [], env: {}, caches: [], configVars},
})
const all = {A_B: '1', A_C: '2', D: '3', PATH: '/x', 'not-a-name': '4'}

test('a step sees the config vars that it names', () => {
  expect(varsOf(seeing('A_*', 'D'), all, undefined)).toEqual({A_B: '1', A_C: '2', D: '3'})
  expect(varsOf(seeing('A_B'), all, 'c0ffee')).toEqual({A_B: '1'})
  expect(varsOf(seeing(), all, 'c0ffee')).toEqual({})
})

test('the commit is seen by who names it, and by who sees everything', () => {
  expect(varsOf(seeing('SOURCE_VERSION'), all, 'c0ffee')).toEqual({SOURCE_VERSION: 'c0ffee'})
  expect(varsOf(seeing('*'), all, 'c0ffee')).toEqual({A_B: '1', A_C: '2', D: '3', SOURCE_VERSION: 'c0ffee'})
})

test('values reach the shell as they are', () => {
  expect(shellExports({A: "it's $HOME"})).toBe("export A='it'\\''s $HOME'\n")
})

test('what bash lets nobody set stops no step', () => {
  const vars = {
    UID: '0',
    EUID: '0',
    PPID: '1',
    SHELLOPTS: 'x',
    BASHOPTS: 'x',
    BASH_VERSINFO: '1',
    GROUPS: '1',
    RANDOM: '1',
    IFS: ' ',
    A: 'seen',
  }
  expect(String(execFileSync('bash', ['-e', '-c', `${shellExports(vars)}printf %s "$A"`]))).toBe('seen')
})
