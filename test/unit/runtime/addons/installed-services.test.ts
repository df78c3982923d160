import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {loadCatalogue} from '../../../../src/lib/runtime/addons/catalogue.js'
import {tidyServices} from '../../../../src/lib/runtime/addons/installed-services.js'
import {catalogueDirectory} from '../../../support/addon-world.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hk-services-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

function folder(name: string, text = '{}'): void {
  mkdirSync(join(directory, name))
  writeFileSync(join(directory, name, 'addon-manifest.json'), text)
}

test('a kill between the old folder and the new one brings the old one back', () => {
  folder('.old-nats')
  folder('.new-x1')
  tidyServices(directory)
  expect(readdirSync(directory)).toEqual(['nats'])
})

test('a kill after the exchange leaves the new one', () => {
  folder('.old-nats')
  folder('nats', '{"new": true}')
  tidyServices(directory)
  expect(readdirSync(directory)).toEqual(['nats'])
  expect(existsSync(join(directory, 'nats', 'addon-manifest.json'))).toBe(true)
})

test('an installed service that cannot be read keeps no other away, and is told of', () => {
  folder('broken', '{"id": 1}')
  const faults: string[] = []
  const catalogue = loadCatalogue(catalogueDirectory, {directory, onFault: error => faults.push(error.message)})
  expect(catalogue.service('heroku-redis').manifest.id).toBe('heroku-redis')
  expect(faults).toEqual([expect.stringContaining('broken/addon-manifest.json: ')])
})
