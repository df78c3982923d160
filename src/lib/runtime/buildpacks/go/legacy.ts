import type {Source} from '../buildpack.js'

/** What managed a source's dependencies before go.mod; heroku/go detects them, to say that they are no longer supported. */
export function legacyTool(source: Source): string | undefined {
  if (source.has('Gopkg.lock')) return 'dep'
  if (source.has('Godeps/Godeps.json')) return 'godep'
  if (source.has('vendor/vendor.json')) return 'govendor'
  if (source.has('glide.yaml')) return 'glide'
  if (source.paths.some(path => /^src\/.+\/[^/]+\.go$/.test(path))) return 'gb'
  // Older than Heroku's rule: a file with the import path, and a GOPATH.
  return source.has('.godir') ? '.godir' : undefined
}

/** Heroku's words. */
export function noLegacy(tool: string): string[] {
  return [
    `Error: Your app appears to use '${tool}' for dependency management,`,
    `but support for ${tool} has been removed.`,
    '',
    'Go modules (go.mod) is now the only supported dependency',
    'management solution on Heroku.',
    '',
    "To migrate, run 'go mod init <module-name>' in your project",
    'directory and commit the resulting go.mod file.',
    '',
    'For more details see:',
    'https://devcenter.heroku.com/articles/go-modules',
  ]
}
