import {EngineError} from '../../engine/engine.js'
import type {Procfile} from '../../schema/procfile.js'
import type {ProcessTypes} from '../../schema/resources.js'
import {notCompatible} from '../buildpacks/classic/classic.js'
import {BuildFailure} from './compile.js'

/** `-----> Discovering process types` and what was found, as Heroku lists it. */
export function discovered(procfile: Procfile, defaults: ProcessTypes): string[] {
  const declared = Object.keys(procfile.processTypes).sort().join(', ') || '(none)'
  const implied = Object.keys(defaults).sort().join(', ')
  return [
    ...procfile.warnings.map(warning => ` !     ${warning}`),
    '-----> Discovering process types',
    ...(implied === ''
      ? [`       Procfile declares types -> ${declared}`]
      : [`       Procfile declares types     -> ${declared}`, `       Default types for buildpack -> ${implied}`]),
    '',
  ]
}

/** Prints why the source could not be compiled, Heroku's last line last. */
export function rejected(error: Error, {language, consolation, classic}: Rejection, onLine: (line: string) => void): BuildFailure {
  onLine('')
  // A classic buildpack has said what its `bin/detect` made of the source.
  if (classic && error instanceof EngineError && error.exitCode === notCompatible) return new BuildFailure(error.message)
  if (error instanceof EngineError) {
    onLine('-----> Build failed')
    const lines = [exitLine(error), '', ...(consolation === undefined ? [] : [...consolation, ''])]
    for (const line of lines) onLine(`       ${line}`.trimEnd())
  } else {
    for (const line of error.message.split('\n')) onLine(` !     ${line}`.trimEnd())
    onLine('')
  }
  onLine(` !     Push rejected, failed to compile ${language} app.`)
  return new BuildFailure(error.message)
}

/** Of the buildpack whose app it is. */
interface Rejection {
  language: string
  consolation: string[] | undefined
  /** Whether a buildpack that is not ours took part. */
  classic: boolean
}

function exitLine(error: EngineError): string {
  if (error.exitCode === 137) return 'A step was killed (exit status 137): most likely it ran out of memory.'
  // Nothing of the app's ran: only the engine can say why.
  return error.exitCode === undefined ? error.message : `A step of the build ended with exit status ${error.exitCode}.`
}

/** `57.5M`, as the build output writes slug sizes. */
export function humanSize(bytes: number): string {
  const units = ['K', 'M', 'G']
  let value = bytes / 1024
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)}${units[unit]}`
}
