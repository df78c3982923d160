import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {root, slugWorkshop} from '../support/slug-workshop.js'
import {filesIn} from '../unit/runtime/slugs/source-files.js'

const {compile, dispose} = await slugWorkshop()
afterAll(dispose)

test('the first build of an app finds the standard library compiled: only the app is', async () => {
  const {slug, lines} = await compile(await filesIn(join(root, 'examples/go-hello')))
  expect(slug, lines.join('\n')).toBeDefined()
  const [running] = lines.flatMap((line, index) => (line.startsWith('-----> Running: go install') ? [index] : []))
  const end = lines.findIndex((line, index) => index > (running ?? 0) && line.startsWith('----->'))
  // `go install -v` names each package that it compiles.
  expect(lines.slice((running ?? 0) + 1, end).map(line => line.trim())).toEqual(['example.com/hello'])
}, 900_000)
