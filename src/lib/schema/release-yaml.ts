import {parse} from 'yaml'
import type {ProcessTypes} from './resources.js'

/** What a classic buildpack's `bin/release` says. Not every one is careful: whatever is not understood is left out. */
export function parseReleaseYaml(text: string): {processTypes: ProcessTypes; addons: string[]} {
  const found = read(text)
  const types = Object.entries(record(found['default_process_types'])).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && /^[-\w]{1,128}$/.test(entry[0]) && entry[1].trim() !== '',
  )
  const addons = Array.isArray(found['addons']) ? found['addons'].filter(addon => typeof addon === 'string') : []
  return {processTypes: Object.fromEntries(types.map(([type, command]) => [type, command.trim()])), addons}
}

function read(text: string): Record<string, unknown> {
  try {
    // Ruby's symbols, `:addons:`, from the days when buildpacks printed their YAML by hand.
    return Object.fromEntries(Object.entries(record(parse(text))).map(([key, value]) => [key.replace(/^:/, ''), value]))
  } catch {
    return {}
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
