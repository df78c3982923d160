import {boolean, string} from '@oclif/core/flags'
import {appFlags} from './flags.js'

/** Flags of run and run:detached. */
export const oneOffFlags = {
  ...appFlags,
  env: string({char: 'e', description: "environment variables to set (use ';' to split multiple vars)"}),
  'no-launcher': boolean({hidden: true, description: "don't prepend 'launcher' before a command"}),
  size: string({char: 's', description: 'dyno size'}),
  type: string({description: 'process type'}),
}

export const exitCodeFlags = {
  'exit-code': boolean({char: 'x', description: "say the command's exit code when it fails; it is ours in any case"}),
}

export const noTtyFlags = {
  'no-tty': boolean({description: 'force the command to not run in a tty'}),
}
