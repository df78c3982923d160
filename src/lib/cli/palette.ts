type Paint = (text: string) => string

/** Heroku's colours by meaning. `app` also puts the hexagon before an app's name on a terminal. */
export interface Palette {
  app: Paint
  /** Names of things, versions. */
  name: Paint
  /** Numbers and sizes. */
  number: Paint
  /** Dyno state: `up` is green, all else is not. */
  state: Paint
  date: Paint
  user: Paint
  command: Paint
  heading: Paint
  failure: Paint
  warning: Paint
}

export interface Output {
  isTTY?: boolean | undefined
  columns?: number | undefined
}

/** Whether to colour what goes there: NO_COLOR, FORCE_COLOR and TERM=dumb come before what the stream is. */
export function wantsColour(output: Output, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR'])
  return Boolean(output.isTTY) && env['TERM'] !== 'dumb'
}

export async function paletteFor(output: Output, env: NodeJS.ProcessEnv): Promise<Palette> {
  const mark: Paint = output.isTTY && env['TERM'] !== 'dumb' ? name => `⬢ ${name}` : name => name
  if (!wantsColour(output, env)) return plainPalette(mark)
  const {Chalk} = await import('chalk')
  const chalk = new Chalk({level: 2})
  return {
    app: name => chalk.ansi256(147)(mark(name)),
    name: chalk.ansi256(212),
    number: chalk.ansi256(43),
    state: state => chalk.ansi256(state === 'up' ? 40 : 214)(state),
    date: chalk.ansi256(248),
    user: chalk.cyan,
    command: chalk.cyan,
    heading: chalk.bold,
    failure: chalk.red,
    warning: chalk.yellow,
  }
}

function plainPalette(app: Paint): Palette {
  const same: Paint = text => text
  return {app, name: same, number: same, state: same, date: same, user: same, command: same, heading: same, failure: same, warning: same}
}
