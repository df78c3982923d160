import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {packageIndex, pypiIsCachable} from '../support/package-index.js'
import {root, slugWorkshop} from '../support/slug-workshop.js'
import {filesIn, type SourceFile} from '../unit/runtime/slugs/source-files.js'

const {compile, dispose} = await slugWorkshop()
afterAll(dispose)

interface Change {
  language: string
  example: string
  configVars?: Record<string, string>
  /** What an app does that wants one package more. */
  add: Record<string, (text: string) => string>
  /** What the package manager says of a package that it fetches. */
  fetched: RegExp
  /** The beginning of what the first build fetches, and all that the second may. */
  first: string
  added: RegExp
  /** Where the registry is, if what is reached here would not do; undefined where there is none. */
  registry?: () => Promise<({configVars: Record<string, string>} & AsyncDisposable) | undefined>
}

const changes: Change[] = [
  {
    language: 'Python',
    example: 'python-flask',
    add: {'requirements.txt': text => `${text}six==1.17.0\n`},
    fetched: /Downloading (\S+\.whl)(?! ?\.metadata)/,
    first: 'flask',
    added: /^six-/,
    registry: async () => ((await pypiIsCachable()) ? {configVars: {}, [Symbol.asyncDispose]: async () => undefined} : packageIndex()),
  },
  {
    language: 'Node.js',
    example: 'node-express',
    configVars: {NPM_CONFIG_LOGLEVEL: 'http', USE_NPM_INSTALL: 'true'},
    add: {'package.json': text => text.replace('"express"', '"is-number": "7.0.0", "express"'), 'package-lock.json': () => ''},
    fetched: /http fetch GET 200 \S+\/-\/(\S+\.tgz) (?!.*cache (?:hit|revalidated))/,
    first: 'express',
    added: /^is-number-/,
  },
  {
    language: 'Go',
    example: 'go-cmd',
    configVars: {GOFLAGS: '-mod=mod'},
    add: {
      'go.mod': text => `${text}\nrequire github.com/pkg/errors v0.9.1\n`,
      'internal/more/more.go': () => 'package more\n\nimport _ "github.com/pkg/errors"\n',
    },
    fetched: /go: downloading (\S+)/,
    first: 'github.com/google/uuid',
    added: /^github\.com\/pkg\/errors$/,
  },
  {
    language: 'Java',
    example: 'java-maven',
    add: {
      'pom.xml': text =>
        text.replace(
          '<build>',
          '<dependencies><dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0.17</version></dependency></dependencies>\n  <build>',
        ),
    },
    fetched: /Downloaded from central: \S+\/maven2\/(\S+)/,
    first: 'org/apache/maven/',
    added: /slf4j/,
  },
]

describe('a change of dependencies fetches what is new only', () => {
  test.for(changes)('$language', {timeout: 900_000}, async ({example, configVars = {}, add, fetched, first, added, registry}, {skip}) => {
    await using kept = await registry?.()
    if (registry !== undefined && kept === undefined) return skip('The registry, as it is reached here, lets nobody keep what it sends.')
    const app = {appId: randomUUID(), configVars: {...configVars, ...kept?.configVars}}
    const files = await filesIn(join(root, 'examples', example))
    const of = (lines: string[]): string[] => lines.flatMap(line => fetched.exec(line)?.[1] ?? [])
    const one = await compile(files, app)
    expect(one.slug, one.lines.join('\n')).toBeDefined()
    expect(
      of(one.lines).some(name => name.startsWith(first)),
      one.lines.join('\n'),
    ).toBe(true)
    const two = await compile(changed(files, add), app)
    expect(two.slug, two.lines.join('\n')).toBeDefined()
    const again = of(two.lines)
    expect(again.length, two.lines.join('\n')).toBeGreaterThan(0)
    expect(
      again.filter(name => !added.test(name)),
      two.lines.join('\n'),
    ).toEqual([])
  })
})

/** Other texts for some files; without one the file goes. */
function changed(files: SourceFile[], add: Change['add']): SourceFile[] {
  const texts = new Map(files.map(({path, text = ''}) => [path, text]))
  for (const [path, change] of Object.entries(add)) texts.set(path, change(texts.get(path) ?? ''))
  return [...texts].flatMap(([path, text]) => (text === '' ? [] : [{path, text}]))
}
