import type {ConfigVars} from '../../schema/resources.js'

const launcher = '/usr/local/bin/dyno-launch'

/** argv that runs a command as a dyno: profile scripts, `bash -c`, signals to every process. The only place that knows the launcher. */
export function launchCommand(command: string): string[] {
  return [launcher, command]
}

/** argv that runs a command beside a dyno's own, in its environment. */
export function insideCommand(command: string): string[] {
  return [launcher, '--inside', command]
}

/** The command as Heroku logs it: config vars and $PORT replaced, variables that only the dyno's shell knows left alone. */
export function commandForLog(command: string, vars: ConfigVars): string {
  return command.replace(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ''
    return Object.hasOwn(vars, name) ? (vars[name] as string) : whole
  })
}
