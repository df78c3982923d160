import {expect, test} from 'vitest'
import type {BuildPlan, BuiltImage} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {procfileOf} from '../../../../src/lib/runtime/slugs/procfile-of.js'
import {unseen} from '../buildpacks/packages.js'
import {sourceOf} from './source-files.js'

const plan = (over: Partial<BuildPlan>): BuildPlan => ({
  ...{buildpack: 'x/y', language: 'X', toolchains: [], path: [], env: {}, decisions: [], closing: []},
  ...{dependencies: undefined, build: [], files: {}, warnings: [], ...over},
})
const image = (files: Record<string, string>): BuiltImage => ({text: async path => files[path]})
const built = image({'/app/Procfile': 'web: bin/built'})
const wrote = plan({files: {Procfile: 'web: written'}})

test('the source’s Procfile is the app’s, and nobody looks for another', async () => {
  await using at = await sourceOf([{path: 'Procfile', text: 'web: mine'}])
  expect(await procfileOf({source: at.source, plans: [plan({procfile: 'of-image'}), wrote]}, unseen)).toBe('web: mine')
})

test('without one, what the build wrote comes before what a plan says; the image is looked at only where a plan asks for it', async () => {
  await using at = await sourceOf([{path: 'x'}])
  expect(await procfileOf({source: at.source, plans: [plan({procfile: 'of-image'}), wrote]}, built)).toBe('web: bin/built')
  expect(await procfileOf({source: at.source, plans: [plan({procfile: 'of-image'}), wrote]}, image({}))).toBe('web: written')
  expect(await procfileOf({source: at.source, plans: [wrote]}, unseen)).toBe('web: written')
  expect(await procfileOf({source: at.source, plans: [plan({})]}, unseen)).toBe('')
})

test('a classic buildpack may have written another over the source’s', async () => {
  await using at = await sourceOf([{path: 'Procfile', text: 'web: mine'}])
  const classic = plan({classic: {folder: '/x', files: [], language: '/y'}})
  expect(await procfileOf({source: at.source, plans: [classic]}, built)).toBe('web: bin/built')
})
