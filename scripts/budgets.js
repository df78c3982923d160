import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import ts from 'typescript'
import {root} from './lib/run.js'

/** Size budgets of the design: over `max` is an error unless the file says why (`budget: …`); over `p90` of all is a warning. */
const fileBudgets = [
  {name: 'command files', of: path => path.startsWith('src/commands/'), p90: 120, max: 200},
  {name: 'other source files', of: path => path.startsWith('src/') && !path.startsWith('src/commands/'), p90: 250, max: 400},
]
const functionBudget = {median: 10, p90: 25, max: 60}

const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard', 'src/**.ts', 'src/*.ts'], {cwd: root, encoding: 'utf8'})
  .stdout.trim()
  .split('\n')
const sources = files.map(path => ({path, text: readFileSync(join(root, path), 'utf8')}))
const errors = []

for (const budget of fileBudgets) {
  const sizes = sources
    .filter(({path}) => budget.of(path))
    .map(({path, text}) => ({path, lines: text.split('\n').length - 1, excused: excused(text)}))
  report(
    budget.name,
    sizes.map(one => one.lines),
  )
  for (const {path, lines, excused: reason} of sizes)
    if (lines > budget.max && !reason) errors.push(`${path}: ${lines} lines, at most ${budget.max}`)
  const over = percentile(
    sizes.map(one => one.lines),
    0.9,
  )
  if (over > budget.p90) console.log(`  warning: p90 is ${over}, should be at most ${budget.p90}`)
}

const functions = sources.flatMap(({path, text}) => functionsOf(path, text))
report(
  'functions',
  functions.map(one => one.lines),
)
for (const {where, lines, excused: reason} of functions)
  if (lines > functionBudget.max && !reason) errors.push(`${where}: ${lines} lines, at most ${functionBudget.max}`)

const comments = sources.reduce((sum, {text}) => sum + text.split('\n').filter(line => /^\s*(\/\/|\/?\*)/.test(line)).length, 0)
const all = sources.reduce((sum, {text}) => sum + text.split('\n').length, 0)
console.log(`comment lines: ${((100 * comments) / all).toFixed(1)} %`)

for (const error of errors) console.error(error)
process.exitCode = errors.length === 0 ? 0 : 1

function functionsOf(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found = []
  const visit = node => {
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      const start = file.getLineAndCharacterOfPosition(node.getStart()).line
      const end = file.getLineAndCharacterOfPosition(node.end).line
      found.push({where: `${path}:${start + 1}`, lines: end - start + 1, excused: excused(node.getFullText().slice(0, 600))})
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function excused(text) {
  return /budget: \w/.test(text)
}

function report(name, sizes) {
  console.log(`${name}: ${sizes.length}, median ${percentile(sizes, 0.5)}, p90 ${percentile(sizes, 0.9)}, max ${Math.max(0, ...sizes)}`)
}

function percentile(sizes, share) {
  return [...sizes].sort((a, b) => a - b)[Math.floor((sizes.length - 1) * share)] ?? 0
}
