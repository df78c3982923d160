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
  for (const line of lines) expect(line).toMatch(/^(FROM|SHELL|ENV|COPY|RUN) [\s\S]*[^\\]$/)
  const runs = lines.filter(line => line.startsWith('RUN ')).map(line => line.replace(/^RUN (--mount=\S+ )*/, ''))
  const collected = plan.build.length > 0 && plan.dependencies !== undefined ? 1 : 0
  expect(runs).toHaveLength(stepStages([plan]).length + collected)
  for (const line of lines.filter(one => !one.startsWith('RUN '))) expect(line).not.toContain(marker)
  for (const shell of runs) expectQuoted(shell)
  for (const [path, text] of Object.entries(plan.files)) {
    expect(path).toMatch(/^[\w./-]+$/)
    // nginx's strings are the one place in files of ours that text of the source's gets to.
    expect(text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, '""')).not.toContain(marker)
  }
  return runs
}

/** Expects what runs as root, in an image that all apps share, to hold nothing but words. */
export function expectTameToolchain({name, debian = {run: [], build: []}, downloads, install}: Toolchain): void {
  expect(name).toMatch(/^[a-z-]+$/)
  for (const word of [...debian.run, ...debian.build]) expect(word).toMatch(/^[a-z0-9][a-z0-9.+-]*$/)
  for (const download of downloads) expect(`${download.name}@${download.version}`).toMatch(/^[\w@/-]+@\d[\w.+-]*$/)
  for (const line of install) expectWord(line)
}

export function expectTameQuestion({id, toolchain, run}: Question): void {
  expect(id).toMatch(/^[a-z0-9.-]{1,100}$/)
  if (toolchain !== undefined) expectTameToolchain(toolchain)
  for (const line of run) expectWord(line)
}

/** A version from the source is a word of letters, digits, dots and dashes that no path goes up by. */
function expectWord(line: string): void {
  expect(line).not.toMatch(/[\n\r\u2028\u2029\u0085\0]/)
  expectQuoted(line)
  for (const [word] of line.matchAll(new RegExp(`\\S*${marker}\\S*`, 'g'))) expect(word).toMatch(/^["']?[\w./$:+-]+["']?[,;.)]*$/)
}

/** Expects hostile text in single quotes only, unless all of it that is left is a word. */
function expectQuoted(shell: string): void {
  const bare = outsideQuotes(shell)
  const special = '[`$;&|<>()\\\\!*?\\[\\]{}#%\n\r\u2028]'
  expect(bare).not.toMatch(new RegExp(`${special}\\s*${marker}|${marker}\\s*${special}(?<!${marker};)|<<-?[^<\\s]*${marker}`))
  expect(bare).not.toMatch(/(?<!<)<<(?!<)/)
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
