import type {Source} from '../buildpack.js'

const locks = ['requirements.txt', 'Pipfile.lock', 'poetry.lock', 'uv.lock']

/** bin/release: a Django project that talks to Postgres gets one. */
export async function addonsFor(source: Source): Promise<string[]> {
  if (!source.has('manage.py')) return []
  const texts = await Promise.all(locks.map(file => source.text(file)))
  const installed = (name: string): boolean => texts.some(text => new RegExp(`^[^\\w\\n]*(name = ")?${name}\\b`, 'im').test(text ?? ''))
  return installed('django') && installed('psycopg2') ? ['heroku-postgresql'] : []
}
