import {flush} from '@oclif/core/flush'
import {handle} from '@oclif/core/handle'
import {run} from '@oclif/core/run'
import {guardRunLine} from './lib/cli/run-line.js'

/** Runs the command line; `dir` is the URL of the program in bin/. */
export async function execute({dir, args}: {dir: string; args?: string[]}): Promise<void> {
  try {
    await run(guardRunLine(args ?? process.argv.slice(2)), dir)
    await flush()
  } catch (error) {
    await handle(error as Error)
  }
}
