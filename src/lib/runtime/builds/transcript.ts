import type {ReleaseRecord} from '../releases/release-record.js'

/** How a new release came out: its web dynos answer, only the old ones do, none does, or the release itself failed. */
export type Verdict = 'up' | 'kept' | 'down' | 'failed'

/** The lines after the slug is ready, in Heroku's words (heroku-platform.md 5.1). */
export function launchLines(launch: {version: number; url: string; releaseCommand: boolean}, line: (text: string) => void): void {
  line('-----> Launching...')
  if (launch.releaseCommand) line(' !     Release command declared: this new release will not be available until the command succeeds.')
  line(`       Released v${launch.version}`)
  line(`       ${launch.url} deployed to hokku`)
  line('')
  if (launch.releaseCommand) {
    line('Verifying deploy... done.')
    line('Running release command.....')
    line('')
  }
}

export function verifyLines(verdict: Verdict, line: (text: string) => void): void {
  line('Verifying deploy... done.')
  if (verdict === 'up' || verdict === 'failed') return
  line('')
  line(` !     The new web dynos did not start; ${verdict === 'kept' ? 'what served before keeps serving' : 'the app serves nothing now'}.`)
  line(' !     See what they said with: hokku logs')
}

/** Copies a release command's output while it runs, then says how it ended. */
export async function waitForRelease(
  output: AsyncIterable<Buffer>,
  finished: Promise<ReleaseRecord>,
  line: (text: string) => void,
  write: (data: Buffer) => void,
): Promise<void> {
  for await (const chunk of output) write(chunk)
  const release = await finished
  line(`Waiting for release.... ${release.status === 'succeeded' ? 'done' : 'failed'}.`)
}
