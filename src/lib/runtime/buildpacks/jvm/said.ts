/** A shell command that prints lines as Heroku's buildpacks print warnings and errors. Variables in them are the shell's. */
export function said(lines: string[]): string {
  const quoted = ['', ...lines, ''].map(line => `" !${line === '' ? '' : `     ${line.replaceAll('"', '\\"')}`}"`)
  return `printf '%s\\n' "" ${quoted.slice(1, -1).join(' ')} ""`
}
