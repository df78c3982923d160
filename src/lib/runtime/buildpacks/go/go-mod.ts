/** What a build reads of go.mod: Heroku's comments, and the directives that say which Go is wanted. */
export interface GoMod {
  /** `module github.com/heroku/go-getting-started` */
  module: string
  /** `// +heroku goVersion go1.25` */
  herokuVersion: string | undefined
  /** `// +heroku install ./cmd/... ./special`, in words */
  install: string[]
  /** `go 1.25.0` */
  go: string | undefined
  /** `toolchain go1.25.3` */
  toolchain: string | undefined
}

/** Reads lines as heroku/go does: the first of each kind counts. */
export function parseGoMod(text: string): GoMod {
  const lines = text.split('\n').map(line => line.trim().split(/\s+/))
  const comment = (name: string): string[] | undefined =>
    lines.find(words => words[0] === '//' && words[1] === '+heroku' && words[2] === name)?.slice(3)
  const directive = (name: string): string | undefined => lines.find(words => words[0] === name)?.[1]?.replaceAll('"', '')
  return {
    module: directive('module') ?? '',
    herokuVersion: comment('goVersion')?.[0],
    install: comment('install') ?? [],
    go: directive('go'),
    toolchain: directive('toolchain'),
  }
}
