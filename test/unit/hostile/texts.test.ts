import {describe, expect, test} from 'vitest'
import {parseAptfile} from '../../../src/lib/runtime/buildpacks/apt/aptfile.js'
import {type BuildEnv, RejectedSource} from '../../../src/lib/runtime/buildpacks/buildpack.js'
import {go} from '../../../src/lib/runtime/buildpacks/go/go.js'
import {addonsFor} from '../../../src/lib/runtime/buildpacks/python/addons.js'
import {python} from '../../../src/lib/runtime/buildpacks/python/python.js'
import {readRequirements} from '../../../src/lib/runtime/buildpacks/python/requirements.js'
import {syntaxLine} from '../../../src/lib/runtime/slugs/container/syntax-line.js'
import {clients, packages} from '../runtime/buildpacks/packages.js'
import {dockerfileOf, sourceWith} from './plan-checks.js'

const env: BuildEnv = {stack: 'heroku-24', architecture: 'x64', now: new Date('2026-11-22T00:00:00Z'), configVars: {}, packages, clients}
const from = (files: Record<string, string>) => sourceWith(new Map(Object.entries(files)))
const many = 400_000

// Each of them took minutes, in which the runtime answered nobody: the time grew with the square of the length.
describe('a file that is made to be slow is read at once:', () => {
  test('comments in front of a line end that is none', async () => {
    const comments = `a${' #'.repeat(many)}\r\u2028x`
    expect(() => parseAptfile(comments)).not.toThrow()
    expect((await readRequirements(from({'requirements.txt': comments}))).files).toEqual(['requirements.txt'])
  })

  test('blank lines of a lockfile', async () => {
    const source = from({'manage.py': '', 'requirements.txt': `${'\n'.repeat(many)}django\n  psycopg2-binary==2\n`})
    expect(await addonsFor(source)).toEqual(['heroku-postgresql'])
  })

  test('spaces in the first line of a Dockerfile', () => {
    expect(syntaxLine(`# syntax =${' x'.repeat(10)}${' '.repeat(many)}y \r\n`)).toMatch(/^x x.*y$/)
    expect(syntaxLine('# syntax = docker/dockerfile:1 \r\nFROM x')).toBe('docker/dockerfile:1')
  })

  test('as many folders of wheels as files', async () => {
    const wheels = Object.fromEntries(Array.from({length: 20_000}, (_, index) => [`w${index}/a.whl`, '']))
    const text = Object.keys(wheels).map(path => `--find-links ${path.replace('/a.whl', '')}`)
    expect((await readRequirements(from({...wheels, 'requirements.txt': text.join('\n')}))).files).toHaveLength(20_001)
  })
})

test('a version that is no string is told, not stumbled over', async () => {
  const lock = {_meta: {requires: {python_version: {toString: 1, valueOf: 2}}}}
  const source = from({Pipfile: '', 'Pipfile.lock': JSON.stringify(lock)})
  await expect(python.compile(source, env)).rejects.toThrow(RejectedSource)
})

test('a list that would be a longer command than BuildKit reads is told', async () => {
  const plan = await go.compile(from({'go.mod': `module x\n// +heroku install ${'./cmd/x '.repeat(9000)}\ngo 1.25\n`}), env)
  expect(() => dockerfileOf(plan)).toThrow('would be a command of more than 64 KB')
})
