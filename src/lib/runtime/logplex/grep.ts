import {PlatformError} from '../../schema/errors.js'

/** Whether a line as it is shown is one of those looked for. */
export type Grep = (line: string) => boolean

/**
 * Compiles an expression in RE2's syntax: matching takes time in proportion to the line, so nobody's pattern can hold up the runtime.
 * Throws invalid_params when it is none.
 */
export async function compileGrep(pattern: string, {ignoreCase}: {ignoreCase: boolean}): Promise<Grep> {
  // Few ask for it, and it would make every start of the runtime slower.
  const {RE2JS, RE2JSException} = await import('re2js')
  try {
    const expression = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
    return line => expression.test(line)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new PlatformError('invalid_params', `grep: ${error.message}`, {cause: error})
  }
}
