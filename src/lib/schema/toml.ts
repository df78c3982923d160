import {parse, stringify, TomlError} from 'smol-toml'

export type TomlTable = Record<string, unknown>

/** `project.toml:3:10 …`: where the text is no TOML, and why. */
export class InvalidToml extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvalidToml'
  }
}

/** Integers are bigints, so that `tomlText` writes them as integers again. Throws InvalidToml. */
export function readToml(text: string, file: string): TomlTable {
  try {
    return parse(text.replace(/^\uFEFF/, ''), {integersAsBigInt: true})
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [reason = ''] = error.message.split('\n')
    throw new InvalidToml(`${file}:${error.line}:${error.column} ${reason.replace(/^Invalid TOML document: /, '')}`)
  }
}

/** Numbers are written as floats, bigints as integers. */
export function tomlText(table: TomlTable): string {
  return stringify(table, {numbersAsFloat: true})
}
