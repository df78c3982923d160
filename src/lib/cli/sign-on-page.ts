import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {signOnForm} from '../schema/sign-on-form.js'

/** A page in that folder that signs people on, readable by this user alone; its URL. It takes the place of the last one. */
export async function signOnPage(folder: string, action: string, fields: Record<string, string>): Promise<string> {
  const file = join(folder, 'sso.html')
  await mkdir(folder, {recursive: true, mode: 0o700})
  await rm(file, {force: true})
  await writeFile(file, signOnForm(action, fields), {mode: 0o600, flag: 'wx'})
  return pathToFileURL(file).href
}
