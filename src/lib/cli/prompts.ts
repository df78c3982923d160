import {CommandError, exitCodes} from './command-error.js'
import type {Ui} from './ui.js'

export interface Confirmation {
  app: string
  /** Of --confirm. */
  given: string | undefined
  /** What will happen: `This will delete demo including all add-ons.` */
  warning: string
}

/** Lets nobody destroy by accident: --confirm APP, or the app's name typed at a terminal. Throws when it does not match. */
export async function confirmApp(ui: Ui, {app, given, warning}: Confirmation): Promise<void> {
  const answer = given ?? (await askName(ui, app, warning))
  if (answer !== app) throw new CommandError(`Confirmation ${answer} did not match ${app}. Aborted.`, {id: 'confirmation_required'})
}

async function askName(ui: Ui, app: string, warning: string): Promise<string> {
  const {stdin, stderr, json} = ui.options
  if (!stdin.isTTY || !stderr.isTTY || json)
    throw new CommandError(`${warning}\nTo proceed, re-run this command with --confirm ${app}.`, {id: 'confirmation_required'})
  ui.warn(`${warning}\nTo proceed, type ${app} or re-run this command with --confirm ${app}.`)
  return ask(ui, '>')
}

/** Whether the user agrees to what was shown: --confirm APP, or `y` typed at a terminal. Throws when --confirm names another app. */
export async function agreed(ui: Ui, question: string, {app, given}: {app: string; given: string | undefined}): Promise<boolean> {
  if (given === undefined) return /^y(es)?$/i.test(await ask(ui, `${question} (y/n)`))
  await confirmApp(ui, {app, given, warning: question})
  return true
}

/** Whether somebody can be asked. */
export function hasTerminal({options: {stdin, stderr, json}}: Ui): boolean {
  return Boolean(stdin.isTTY && stderr.isTTY && !json)
}

/** Throws where nobody can be asked, before any work is done for nothing. */
export function needTerminal(ui: Ui, why: string): void {
  if (hasTerminal(ui)) return
  throw new CommandError(`There is no terminal here, and ${why}.`, {id: 'no_terminal', exit: exitCodes.usage})
}

/** One line typed at the terminal; the question goes to stderr. */
export async function ask(ui: Ui, message: string): Promise<string> {
  const {stdin, stderr} = ui.options
  if (!stdin.isTTY || !stderr.isTTY)
    throw new CommandError(`There is no terminal to ask at: ${message}`, {id: 'no_terminal', exit: exitCodes.usage})
  const {createPromptModule} = await import('inquirer')
  const prompt = createPromptModule({input: stdin, output: stderr})
  const {answer} = await prompt<{answer: string}>([{type: 'input', name: 'answer', message, theme: {prefix: ''}}])
  return answer.trim()
}

/** As `ask`, but nothing of what is typed is shown. */
export async function askSecret(ui: Ui, message: string): Promise<string> {
  const {answer} = await (await prompter(ui))<{answer: string}>([{type: 'password', name: 'answer', message, theme: {prefix: ''}}])
  return answer
}

/** One of several, chosen at the terminal with the arrow keys. */
export async function choose(ui: Ui, message: string, choices: {name: string; value: string}[]): Promise<string> {
  const {answer} = await (await prompter(ui))<{answer: string}>([{type: 'select', name: 'answer', message, choices}])
  return answer
}

/** Any number of several, chosen at the terminal. */
export async function chooseSeveral(ui: Ui, message: string, choices: {value: string; checked: boolean}[]): Promise<string[]> {
  const {answer} = await (await prompter(ui))<{answer: string[]}>([{type: 'checkbox', name: 'answer', message, choices}])
  return answer
}

async function prompter({options: {stdin, stderr}}: Ui) {
  const {createPromptModule} = await import('inquirer')
  return createPromptModule({input: stdin, output: stderr})
}
