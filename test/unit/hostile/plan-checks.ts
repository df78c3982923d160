import {expect} from 'vitest'
import type {BuildPlan, Question, Source, Toolchain} from '../../../src/lib/runtime/buildpacks/buildpack.js'
import {stepStages, toDockerfile} from '../../../src/lib/runtime/slugs/dockerfile.js'
import {inContext} from '../../../src/lib/runtime/slugs/plan-context.js'

/** What every hostile string holds: wherever it is found, the string got there. */
export const marker = 'hokku-pwned'

/** Strings that change what runs wherever they are not quoted as that place needs it. */
export const hostile: readonly string[] = [
  `$(${marker})`,
  `\`${marker}\``,
  `; ${marker};`,
  `'; ${marker}; '`,
  `"; ${marker}; "`,
  `\\'; ${marker} #`,
  `\nRUN ${marker}\n`,
  `\r\nRUN ${marker}`,
  `\u2028RUN ${marker}\u2029`,
  `\u0085RUN ${marker}`,
  `${marker}\\`,
  `<<${marker}`,
  `$${marker}`,
  `\${PATH:+${marker}}`,
  `--mount=type=bind,from=${marker}`,
  `-${marker}`,
  `../../${marker}`,
  `..`,
  `1.0.${marker}`,
  `1.25.${'9'.repeat(300)}`,
  `%n ${marker} > /etc/x`,
  `{{${marker}}}`,
  `; } ${marker} {`,
  '__proto__',
  'constructor',
  '\uFEFF',
  '\0',
  '',
  'x'.repeat(5000),
  '9'.repeat(400),
]

/** Source that is nowhere but here. */
export function sourceWith(files: ReadonlyMap<string, string>): Source {
  const paths = [...files.keys()].sort()
  return {
    paths,
    has: path => files.has(path),
    hasFolder: path => paths.some(name => name.startsWith(`${path}/`)),
    text: async path => files.get(path),
  }
}

/** The Dockerfile of a plan, for an app of its own. */
export function dockerfileOf(plan: BuildPlan): string {
  const inputs = Object.fromEntries(stepStages([plan]).map(({stage}) => [stage, {digest: 'd1g35t'}]))
  return toDockerfile(inContext([plan], {stack: 'heroku-24', appId: 'app'}), {run: 'run', build: 'build'}, inputs, 'host-ca')
}

/** Expects one known instruction a line, a RUN for each step, and no hostile text but in quotes. Returns what the RUNs run. */
export function expectTame(plan: BuildPlan): string[] {
  const lines = dockerfileOf(plan)
    .split('\n')
    .filter(line => line !== '')
  expectNone(lines.filter(line => !/^(FROM|SHELL|ENV|COPY|RUN) [\s\S]*[^\\]$/.test(line)))
  const runs = lines.filter(line => line.startsWith('RUN ')).map(line => line.replace(/^RUN (--mount=\S+ )*/, ''))
  const collected = plan.build.length > 0 && plan.dependencies !== undefined ? 1 : 0
  expect(runs).toHaveLength(stepStages([plan]).length + collected)
  expectNone(lines.filter(line => !line.startsWith('RUN ') && line.includes(marker)))
  expectNone(runs.filter(unquoted))
  expectNone(Object.keys(plan.files).filter(path => !/^[\w./-]+$/.test(path)))
  // nginx's strings are the one place in files of ours that text of the source's gets to.
  expectNone(Object.values(plan.files).filter(text => text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, '""').includes(marker)))
  return runs
}

/** Expects what runs as root, in an image that all apps share, to hold nothing but words. */
export function expectTameToolchain({name, debian = {run: [], build: []}, downloads, install}: Toolchain): void {
  expect(name).toMatch(/^[a-z-]+$/)
  expectNone([...debian.run, ...debian.build].filter(word => !/^[a-z0-9][a-z0-9.+-]*$/.test(word)))
  const wanted = downloads.map(download => `${download.name}@${download.version}`)
  expectNone(wanted.filter(download => !/^[\w@/-]+@\d[\w.+-]*$/.test(download)))
  expectNone(install.filter(moreThanWords))
}

export function expectTameQuestion({id, toolchain, run}: Question): void {
  expect(id).toMatch(/^[a-z0-9.-]{1,100}$/)
  if (toolchain !== undefined) expectTameToolchain(toolchain)
  expectNone(run.filter(moreThanWords))
}

/** One expectation for many lines: an expectation costs more than what is expected here. */
function expectNone(wrong: string[]): void {
  expect(wrong).toEqual([])
}

/** Whether a version from the source is more than words of letters, digits, dots and dashes that no path goes up by. */
function moreThanWords(line: string): boolean {
  // By words, for a search for `\S*marker\S*` takes the square of a long word's length.
  const reached = line.split(/\s+/).filter(word => word.includes(marker))
  return /[\n\r\u2028\u2029\u0085\0]/.test(line) || unquoted(line) || reached.some(word => !/^["']?[\w./$:+-]+["']?[,;.)]*$/.test(word))
}

const special = '[`$;&|<>()\\\\!*?\\[\\]{}#%\n\r\u2028]'
const effective = new RegExp(`${special}\\s*${marker}|${marker}\\s*${special}(?<!${marker};)|<<-?[^<\\s]*${marker}`)

/** Whether hostile text is outside of single quotes, unless all of it that is left is a word. */
function unquoted(shell: string): boolean {
  const bare = outsideQuotes(shell)
  return effective.test(bare) || /(?<!<)<<(?!<)/.test(bare)
}

/** The shell line without what stands in single quotes. */
function outsideQuotes(shell: string): string {
  let bare = ''
  for (let at = 0, double = false; at < shell.length; at += 1) {
    const char = shell[at]
    if (char === '\\') bare += `${char}${shell[++at] ?? ''}`
    else if (char === "'" && !double) {
      at = shell.indexOf("'", at + 1)
      if (at === -1) return bare
      bare += "''"
    } else {
      if (char === '"') double = !double
      bare += char
    }
  }
  return bare
}
