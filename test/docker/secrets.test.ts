import {randomBytes} from 'node:crypto'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {CompileRequest} from '../../src/lib/runtime/slugs/compile.js'
import {dockerApi} from '../support/docker-api.js'
import {newFilesWith, secretsIn} from '../support/search.js'
import {slugWorkshop} from '../support/slug-workshop.js'
import type {SourceFile} from '../unit/runtime/slugs/source-files.js'

const {directory, engine, compile, dispose} = await slugWorkshop()
afterAll(dispose)

/** Says that it has the secret, and how long it is, without telling it. */
const witness = 'echo "witness: $(printf %s "$PLANTED" | wc -c)"'
const buildpack = join(directory, 'buildpack')
const manifest = JSON.stringify({engines: {node: '24.x'}, scripts: {build: witness}})

const builds: Record<string, {files: SourceFile[]; buildpacks: string[]}> = {
  'ours, with a layer of dependencies': {files: [{path: 'package.json', text: manifest}], buildpacks: []},
  'a classic one before ours': {files: [{path: 'package.json', text: manifest}], buildpacks: [buildpack, 'heroku/nodejs']},
}

describe.each(Object.keys(builds))('the config vars of a build with %s', kind => {
  const planted = `planted-${randomBytes(16).toString('hex')}`
  let lines: string[] = []
  let image = ''
  let marker = ''

  beforeAll(async () => {
    mkdirSync(join(buildpack, 'bin'), {recursive: true})
    const script = (name: string, text: string) => writeFileSync(join(buildpack, 'bin', name), `#!/bin/bash\n${text}\n`, {mode: 0o755})
    script('detect', 'echo Classic')
    script('compile', `PLANTED=$(cat "$3/PLANTED"); ${witness}; cp -r "$2" "$1/cached"`)
    marker = join(directory, `begun-${planted.slice(-6)}`)
    writeFileSync(marker, '')
    const request: Partial<CompileRequest> = {configVars: {PLANTED: planted}, buildpacks: builds[kind]?.buildpacks ?? []}
    const attempt = await compile(builds[kind]?.files ?? [], request)
    lines = attempt.lines
    image = attempt.slug?.image ?? ''
  }, 300_000)

  test('reach its steps, and are in no line of its output', () => {
    expect(lines.join('\n')).toContain(`witness: ${planted.length}`)
    expect(lines.join('\n')).not.toContain(planted)
  })

  test('are in no layer, history or configuration of the image, nor in the list of the build cache', async () => {
    const found: string[] = []
    for (const place of [`/images/${image}/get`, `/images/${image}/history`, `/images/${image}/json`, '/system/df'])
      if ((await secretsIn(await dockerApi(place), {planted})).length > 0) found.push(place)
    expect(found).toEqual([])
  })

  test('are in no file that the engine or the compiler has written meanwhile: stages, caches, BuildKit’s records', async context => {
    const {directory: root} = await engine.diagnose()
    if (root === undefined || process.getuid?.() !== 0) return context.skip('the engine’s folder cannot be read from here')
    // With something to find, a search that finds nothing means something.
    const control = join(directory, `control-${planted.slice(-6)}`)
    writeFileSync(control, planted)
    expect(await newFilesWith(planted, [root, directory], marker)).toEqual([control])
  }, 300_000)
})
