import {once} from 'node:events'
import type {Platform} from '../client/platform.js'
import {PlatformError} from '../schema/errors.js'
import type {Release} from '../schema/resources.js'
import type {Ui} from './ui.js'

/** Copies the output of a release's command to stdout until it ends; says `notYet` when the command has not begun. */
export async function showReleaseOutput(platform: Platform, ui: Ui, url: string, notYet: string): Promise<void> {
  const {stdout} = ui.options
  try {
    for await (const chunk of await platform.releases.output(url)) {
      // A NUL byte is the stream's heartbeat, no output.
      const text = (chunk as Buffer).filter(byte => byte !== 0)
      if (text.length > 0 && !stdout.write(text)) await once(stdout, 'drain')
    }
  } catch (error) {
    if (!(error instanceof PlatformError && error.id === 'not_found')) throw error
    ui.warn(notYet)
  }
}

/** What follows a rollback or a retry whose release runs a command first. */
export async function followRelease(platform: Platform, ui: Ui, release: Release, notYet: string): Promise<void> {
  if (release.output_stream_url === null || ui.options.json) return
  ui.log('Running release command...')
  await showReleaseOutput(platform, ui, release.output_stream_url, notYet)
}
