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

/** The command for the log: $PORT replaced as on Heroku; config vars stay names, since their values are no business of a log. */
export function commandForLog(command: string, vars: ConfigVars): string {
  return command.replace(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? ''
    return (name === 'PORT' && vars['PORT']) || whole
  })
}
