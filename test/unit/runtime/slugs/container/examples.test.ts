import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {containerPlan} from '../../../../../src/lib/runtime/slugs/container/plan.js'
import {filesIn, sourceOf} from '../source-files.js'

const examples = join(import.meta.dirname, '../../../../../examples')
const expected = (name: string): {stack?: string; processTypes: Record<string, string>} =>
  JSON.parse(readFileSync(join(examples, name, 'expect.json'), 'utf8'))
const folders = readdirSync(examples, {withFileTypes: true}).filter(
  entry => entry.isDirectory() && expected(entry.name).stack === 'container',
)

describe.each(folders.map(entry => entry.name))('examples/%s', name => {
  test('has this plan, with the process types of expect.json', async () => {
    await using at = await sourceOf(await filesIn(join(examples, name)))
    const plan = await containerPlan(at.source)
    await expect(JSON.stringify(plan, undefined, 2)).toMatchFileSnapshot(`__snapshots__/${name}.plan.json.snap`)
    expect(plan.processes.map(({type}) => type)).toEqual(Object.keys(expected(name).processTypes))
    expect(await containerPlan(at.source)).toEqual(plan)
  })
})
