/** The part of oclif.manifest.json that completion takes. */
export interface Manifest {
  commands: Record<string, {hidden?: boolean; aliases: string[]; description?: string; flags: Record<string, ManifestFlag>}>
}

interface ManifestFlag {
  name: string
  char?: string
  hidden?: boolean
}

/** One command as a shell completes it. */
export interface CompletionCommand {
  id: string
  aliases: string[]
  /** One line, in plain ASCII without quotes. */
  description: string
  /** `--app`, `-a` … */
  flags: string[]
}

/** Flags whose value is the name of an app or a dyno. */
export const appFlagWords = ['-a', '--app']
export const dynoFlagWords = ['-d', '--dyno', '--dyno-name']
/** Commands whose first word is the name of a dyno. */
export const dynoCommands = ['ps:restart', 'ps:stop', 'ps:kill', 'run:inside']

/** Commands that are not hidden, by name, with what follows them. Pure. */
export function completionWords({commands}: Manifest): CompletionCommand[] {
  return Object.keys(commands)
    .sort()
    .flatMap(id => {
      const {hidden, aliases, description = '', flags} = commands[id] as Manifest['commands'][string]
      return hidden ? [] : [{id, aliases, description: plain(description), flags: flagWords(flags)}]
    })
}

function flagWords(flags: Record<string, ManifestFlag>): string[] {
  const shown = Object.values(flags).filter(flag => !flag.hidden)
  return [...shown.map(flag => `--${flag.name}`), ...shown.flatMap(flag => (flag.char ? [`-${flag.char}`] : [])), '--help'].sort()
}

function plain(description: string): string {
  return (description.split('\n')[0] as string).replace(/[^\w ,.;()/+-]/g, '').trim()
}
