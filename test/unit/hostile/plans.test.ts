import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {
  type BuildEnv,
  type BuildPlan,
  type Buildpack,
  type Question,
  RejectedSource,
} from '../../../src/lib/runtime/buildpacks/buildpack.js'
import {findBuildpack} from '../../../src/lib/runtime/buildpacks/index.js'
import {clients, packages} from '../runtime/buildpacks/packages.js'
import {filesIn} from '../runtime/slugs/source-files.js'
import {dockerfileOf, expectTame, expectTameQuestion, expectTameToolchain, hostile, marker, sourceWith} from './plan-checks.js'
import {numbers} from './random.js'

const examples = join(import.meta.dirname, '../../../examples')
const seed = Number(process.env['HOKKU_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const rounds = Number(process.env['HOKKU_ROUNDS'] ?? 12)

type Files = Map<string, string>

/** Beside the examples: what they have none of. */
const others: Record<string, {buildpack: string; files: Record<string, string>}> = {
  apt: {
    buildpack: 'heroku-community/apt',
    files: {Aptfile: 'libpq-dev\nhttps://x.org/a.deb\n:repo:deb http://x.org trixie main # there\n'},
  },
  'go with everything': {
    buildpack: 'heroku/go',
    files: {
      'go.mod': 'module example.com/x\n// +heroku goVersion go1.25.3\n// +heroku install ./cmd/... ./y\ngo 1.25.1\ntoolchain go1.25.2\n',
    },
  },
  gradle: {buildpack: 'heroku/gradle', files: {gradlew: '#!/bin/sh\n', 'system.properties': 'java.runtime.version=21\n'}},
  'java with versions': {
    buildpack: 'heroku/java',
    files: {
      'pom.xml': '<groupId>org.springframework.boot</groupId><artifactId>spring-boot</artifactId>',
      'system.properties': 'java.runtime.version=21.0.3\nmaven.version=3.9.1\n',
    },
  },
  jvm: {buildpack: 'heroku/jvm', files: {'system.properties': 'java.runtime.version=zulu-17\n'}},
  'node with versions': {
    buildpack: 'heroku/nodejs',
    files: {
      'package.json':
        '{"name": "x", "packageManager": "pnpm@9.8.0", "engines": {"node": "20.x", "npm": "10.x"}, "scripts": {"build": "b"}}',
      'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
      'pnpm-workspace.yaml': 'packages:\n  - a\n',
      'a/package.json': '{"scripts": {"install": "x"}}',
      '.npmrc': `token=\${NPM_TOKEN}\n`,
    },
  },
  pipenv: {
    buildpack: 'heroku/python',
    files: {
      Pipfile: `[[source]]\nurl = "https://$USER:\${PASS}@pypi.org"\n`,
      'Pipfile.lock': '{"_meta": {"requires": {"python_version": "3.13"}}, "default": {\n        "django": {"version": "==5"}}}',
      'manage.py': '',
    },
  },
  runtime: {
    buildpack: 'heroku/python',
    files: {'runtime.txt': 'python-3.13.2\n', 'requirements.txt': '-r more.txt\n--find-links ./wheels\ndjango==5 # x\n', 'more.txt': 'a'},
  },
  'sbt with settings': {
    buildpack: 'heroku/scala',
    files: {
      'build.sbt': 'name := "x"',
      'project/build.properties': 'sbt.version=1.11.7\n',
      'system.properties': 'sbt.project=a\nsbt.pre-tasks=b\nsbt.clean=true\n',
    },
  },
}

function exampleNames(): string[] {
  const folders = readdirSync(examples, {withFileTypes: true}).filter(entry => entry.isDirectory())
  return folders.map(({name}) => name).filter(name => findBuildpack(expected(name)) !== undefined)
}

function expected(name: string): string {
  return (JSON.parse(readFileSync(join(examples, name, 'expect.json'), 'utf8')) as {buildpack?: string}).buildpack ?? ''
}

async function filesOf(name: string): Promise<Files> {
  const listed = others[name] === undefined ? await filesIn(join(examples, name)) : undefined
  return new Map(listed === undefined ? Object.entries(others[name]?.files ?? {}) : listed.map(({path, text = ''}) => [path, text]))
}

/** Puts a question to clients that know no answer to what nobody foresaw. */
function envFor(asked: Question[], configVars: Record<string, string> = {}): BuildEnv {
  const ask = async (question: Question): Promise<string[]> => {
    asked.push(question)
    return await clients.ask(question).catch(() => [])
  }
  return {stack: 'heroku-24', architecture: 'x64', now: new Date('2026-11-22T00:00:00Z'), configVars, packages, clients: {ask}}
}

/** The plan, unless the source is refused as a source may be. */
async function planOf(buildpack: Buildpack, files: Files, env: BuildEnv): Promise<BuildPlan | undefined> {
  const source = sourceWith(files)
  try {
    if ((await buildpack.detect(source)) === undefined) await buildpack.rejection(source)
    const plan = await buildpack.compile(source, env)
    await buildpack.release(source, {text: async () => undefined})
    return plan
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedSource)
    return undefined
  }
}

/** A text with one of its words, or a place between them, replaced; in JSON what replaces it is escaped, or is no string at all. */
function damaged(text: string, word: string, random: () => number): string {
  const json = text.trimStart().startsWith('{')
  const words = [...text.matchAll(json ? /"(?:[^"\\]|\\.)*"|[\w.-]+/g : /[^\s"'=:,[\]{}()@]+/g)]
  const at = words[random() % Math.max(words.length, 1)]
  if (at === undefined) return word
  const odd = ['null', '{"toString": 1}', '[]', '-1', '1e999']
  const escaped = random() % 6 === 0 ? (odd[random() % odd.length] as string) : JSON.stringify(word)
  return `${text.slice(0, at.index)}${json ? escaped : word}${text.slice(at.index + at[0].length)}`
}

describe.each([...exampleNames(), ...Object.keys(others)])('%s', name => {
  const buildpack = findBuildpack(others[name]?.buildpack ?? expected(name)) as Buildpack

  test(`with hostile strings in its files is refused, or runs what it ran (HOKKU_SEED=${seed})`, async () => {
    const files = await filesOf(name)
    const random = numbers(seed)
    const paths = [...files.keys()].filter(path => path !== 'expect.json')
    const shells = new Set<string>()
    for (let round = 0; round < rounds; round += 1) {
      const path = paths[random() % paths.length] as string
      const word = hostile[random() % hostile.length] as string
      const text = damaged(files.get(path) ?? '', word, random)
      const asked: Question[] = []
      const plan = await planOf(buildpack, new Map([...files, [path, text]]), envFor(asked))
      for (const question of asked) expectTameQuestion(question)
      for (const toolchain of plan?.toolchains ?? []) expectTameToolchain(toolchain)
      if (plan !== undefined) for (const shell of expectTame(plan)) if (shell.includes(marker)) shells.add(shell)
    }
    for (const shell of [...shells].slice(0, 3)) execFileSync('bash', ['-n', '-c', shell])
  }, 60_000)

  test('with files of hostile names is refused, or runs what it ran', async () => {
    const files = await filesOf(name)
    const names = hostile.filter(word => word !== '' && !/[\0\n]/.test(word)).map(word => word.replaceAll('..', 'x'))
    for (const word of names) {
      const added = ['manage.py', 'package.json', 'pyproject.toml', 'a.deb', 'go-pre-compile'].map((file): [string, string] => [
        `${word}/${file}`,
        '{}',
      ])
      const plan = await planOf(buildpack, new Map([...files, [word, ''], ...added]), envFor([]))
      if (plan !== undefined) expectTame(plan)
    }
  })

  test('keeps the values of config vars out of the Dockerfile, whatever their order', async () => {
    const files = await filesOf(name)
    const vars = Object.fromEntries(knownVars.map(variable => [variable, `\${build_dir} ${marker}`]))
    const turned = Object.fromEntries(Object.entries(vars).reverse())
    const plan = await planOf(buildpack, files, envFor([], {...vars, GOVERSION: '', NODE_ENV: 'production'}))
    const again = await planOf(buildpack, files, envFor([], {NODE_ENV: 'production', ...turned, GOVERSION: ''}))
    if (plan === undefined) return
    expect(dockerfileOf(plan)).not.toContain(marker)
    expect(JSON.stringify([plan.toolchains, plan.env, plan.files, plan.build, plan.dependencies])).not.toContain(marker)
    expect(again).toEqual(plan)
  })
})

/** Config vars that decide something in a plan. */
const knownVars = [
  ...['NPM_CONFIG_PRODUCTION', 'NODE_BUILD_FLAGS', 'USE_NPM_INSTALL', 'PNPM_SKIP_PRUNING', 'YARN2_SKIP_PRUNING', 'NODE_VERBOSE'],
  ...['GO_LINKER_SYMBOL', 'GO_LINKER_VALUE', 'GO_INSTALL_PACKAGE_SPEC', 'CGO_CFLAGS', 'CGO_LDFLAGS', 'GO_GIT_CRED__HTTPS__X__ORG'],
  ...['MAVEN_SETTINGS_PATH', 'MAVEN_SETTINGS_URL', 'GRADLE_TASK', 'SBT_TASKS', 'DISABLE_COLLECTSTATIC', 'PIP_EXTRA_INDEX_URL'],
]
