import type {Source} from '../buildpack.js'
import {type ComposerApp, hasScript} from './composer-json.js'

/** Scripts that Composer runs while packages come and go: they may need any file. */
const amidst = [
  'pre-install-cmd',
  'pre-operations-exec',
  'pre-package-install',
  'post-package-install',
  'pre-file-download',
  'pre-pool-create',
]

/** The files that decide what Composer puts into its vendor folder; undefined when it may need the rest of the source too. */
export function dependencyFiles(source: Source, app: ComposerApp): string[] | undefined {
  const {lock, manifest, vendorDir, file, lockFile} = app
  if (lock === undefined || lock.packages.length === 0 || source.hasFolder(vendorDir) || vendorDir.startsWith('..')) return undefined
  if (lock.packages.some(({type}) => type === 'composer-plugin') || amidst.some(script => hasScript(app, script))) return undefined
  const local = JSON.stringify([manifest.repositories ?? [], lock.packages.map(({dist}) => dist)])
  if (/"type":"(path|artifact)"/.test(local)) return undefined
  return source.paths.filter(path => [file, lockFile, 'auth.json'].includes(path))
}
