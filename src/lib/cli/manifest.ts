import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {HerokuYml} from '../schema/heroku-yml.js'
import {CommandError} from './command-error.js'

/** The heroku.yml of a directory. Throws a CommandError with all that is wrong with it. */
export async function readManifest(directory: string): Promise<{manifest: HerokuYml; warnings: string[]}> {
  const text = await readFile(join(directory, 'heroku.yml'), 'utf8').catch(() => undefined)
  if (text === undefined) throw new CommandError(`There is no heroku.yml in ${directory}.`, {id: 'file_error'})
  const {parseHerokuYml} = await import('../schema/heroku-yml.js')
  const {herokuYml, problems, warnings} = parseHerokuYml(text)
  if (herokuYml === undefined) throw new CommandError(['heroku.yml is invalid:', ...problems].join('\n'), {id: 'invalid_manifest'})
  return {manifest: herokuYml, warnings}
}
