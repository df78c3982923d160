import {mkdtemp, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {signOnForm} from '../schema/sign-on-form.js'

/** A page that signs people on, readable by this user alone; its URL. */
export async function signOnPage(action: string, fields: Record<string, string>): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'hokku-sso-')), 'sso.html')
  await writeFile(file, signOnForm(action, fields), {mode: 0o600})
  return pathToFileURL(file).href
}
