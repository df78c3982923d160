/** A word that the shell takes as it is. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Prints lines as Heroku prints errors. */
export function errorLines(lines: string[]): string {
  return `printf '%s\\n' ${['', ...lines.map(line => ` !     ${line}`), ''].map(quoted).join(' ')}`
}

export function heading(text: string): string {
  return `echo ${quoted(`-----> ${text}`)}`
}

/** Runs a command with its output below the heading; when it fails, says so and ends the step. `log`: where to keep the output. */
export function explained(
  command: string,
  error: string[],
  {log, edit, advice = []}: {log?: string; edit?: string; advice?: string[]} = {},
) {
  const keep = log === undefined ? '' : ` | tee ${log}`
  const filter = `sed -u -E ${edit === undefined ? '' : `-e ${quoted(edit)} `}-e 's/^/       /'`
  return `${command} 2>&1${keep} | ${filter} || { ${[...advice, errorLines(error), 'exit 1'].join('; ')}; }`
}
