/** The frontend that a Dockerfile asks for: `# syntax=docker/dockerfile:1` among the directives before its first line. */
export function syntaxLine(dockerfile: string): string | undefined {
  for (const line of dockerfile.replace(/^\uFEFF/, '').split('\n')) {
    const [, name, value = ''] = /^#\s*([a-zA-Z]+)\s*=([\s\S]*)$/.exec(line) ?? []
    if (name === undefined || value.trim() === '') return undefined
    if (name.toLowerCase() === 'syntax') return value.trim()
  }
  return undefined
}

/** The same Dockerfile for the engine's own frontend; lines keep their numbers. */
export function withoutSyntaxLine(dockerfile: string): string {
  return dockerfile.replace(/^(\uFEFF?(?:#.*\n)*?)#\s*syntax\s*=.*$/im, '$1#')
}
