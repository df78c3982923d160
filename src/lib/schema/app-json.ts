import {type AppJson, appJson, knownKeys} from './app-json-schema.js'
import {problemText, readPositioned} from './positioned.js'

export interface ReadAppJson {
  /** Undefined when there are problems. */
  appJson: AppJson | undefined
  /** `app.json:3:39 formation.web.quantity: …`, all of them at once, in the file's order. */
  problems: string[]
  /** Keys that Heroku does not know; Heroku adds keys, so they never fail anything. */
  warnings: string[]
}

/** Reads app.json. Problems carry line and column; keys of other tools (React Native and Expo use the same file name) are warnings. */
export function parseAppJson(text: string, file = 'app.json'): ReadAppJson {
  const {raw, value, problems, place} = readPositioned(text, appJson, {file, version: '1.2', schema: 'json'})
  const warnings = strangeKeys(raw).map(path => problemText(place(path), path, 'not a key of app.json, ignored'))
  return {appJson: value, problems: problems.map(problem => problem.text), warnings}
}

function strangeKeys(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.keys(value)
    .filter(key => !knownKeys.has(key))
    .map(key => [key])
}
