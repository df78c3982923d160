import {readFileSync, rmSync} from 'node:fs'
import {join, relative} from 'node:path'
import {exitCode, root, say} from './run.js'

const vitest = join(root, 'node_modules/.bin/vitest')

/** Runs vitest projects, several in one go if asked to, and adds up what they count; `directory` is for their results and goes in the end. */
export class Suites {
  total = {passed: 0, failed: 0, skipped: 0}
  /** One line for each test that failed, or that passed when it was tried again. */
  notes = []

  constructor(directory) {
    this.directory = directory
  }

  async run(projects, env = process.env) {
    const name = `${projects.join(' and ')} tests`
    say(`Running the ${name}`)
    const began = performance.now()
    const file = join(this.directory, `${projects.join('-')}.json`)
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    // No terminal of its own: two of them would draw over each other.
    const color = process.stdout.isTTY && env.NO_COLOR === undefined ? {FORCE_COLOR: '1'} : {}
    const io = {env: {...env, ...color}, stdio: ['ignore', 'pipe', 'pipe']}
    const code = await exitCode(vitest, ['run', ...projects.flatMap(project => ['--project', project]), ...reporters], io)
    say(`The ${name} took ${seconds(began)}`)
    const counts = read(file)
    for (const kind of Object.keys(this.total)) this.total[kind] += counts[kind]
    this.notes.push(...counts.notes)
    if (code !== 0 && counts.failed === 0) {
      this.total.failed += 1
      this.notes.push(`FAILED: the ${name} ended with ${code}, though none of them failed`)
    }
  }

  /** Counts a project's tests as skipped without running them. */
  async skip(project) {
    const file = join(this.directory, `${project}-list.json`)
    await exitCode(vitest, ['list', '--project', project, `--json=${file}`], {stdio: 'ignore'})
    this.total.skipped += JSON.parse(readFileSync(file, 'utf8')).length
  }

  /** Prints what failed once more, for who sees only the end, and the last line; returns the exit code. */
  finish() {
    rmSync(this.directory, {recursive: true, force: true})
    for (const note of this.notes) console.log(note)
    say(`All of it took ${seconds(0)}`)
    const {passed, failed, skipped} = this.total
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
    return failed === 0 ? 0 : 1
  }
}

/** Since then; 0 is when this process began. */
function seconds(began) {
  return `${Math.round((performance.now() - began) / 1000)} s`
}

/** A file that failed to load has no tests; it counts as one that failed. */
function read(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'))
    const broken = report.testResults.filter(one => one.status === 'failed' && one.assertionResults.length === 0)
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
      notes: [...broken.map(one => note('FAILED', one, [one.message])), ...report.testResults.flatMap(notesOf)],
    }
  } catch (error) {
    return {passed: 0, failed: 1, skipped: 0, notes: [`FAILED: there is no report: ${error.message}`]}
  }
}

function notesOf(file) {
  return file.assertionResults
    .filter(test => test.status === 'failed' || (test.status === 'passed' && test.failureMessages.length > 0))
    .map(test => note(test.status === 'failed' ? 'FAILED' : 'TRIED AGAIN', file, test.failureMessages, test.fullName))
}

/** On one line, so that a file of many is read through with grep. */
function note(word, file, messages, name = '') {
  const why = messages.map(message => message.replaceAll(/(\n +at .*(node_modules|new Promise).*|\s)+/g, ' ').slice(0, 600)).join(' | ')
  return `${word}: ${relative(root, file.name)} ${name}: ${why}`
}
