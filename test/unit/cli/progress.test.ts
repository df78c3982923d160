import {PassThrough} from 'node:stream'
import {describe, expect, it} from 'vitest'
import {wantsColour} from '../../../src/lib/cli/palette.js'
import {type ProgressKind, progressKind, progressOn} from '../../../src/lib/cli/progress.js'

function recorded(kind: ProgressKind) {
  const stream = new PassThrough()
  return {progress: progressOn(stream, kind), text: () => String(stream.read() ?? '')}
}

describe('progress', () => {
  it('is a plain line without a terminal', () => {
    const {progress, text} = recorded('plain')
    progress.start('Creating demo')
    progress.stop('done, v5')
    expect(text()).toBe('Creating demo... done, v5\n')
  })

  it('says again what is under way after another line came between', () => {
    const {progress, text} = recorded('plain')
    progress.start('Creating demo')
    progress.line('Starting the runtime...')
    progress.stop('done')
    expect(text()).toBe('Creating demo...\nStarting the runtime...\nCreating demo... done\n')
  })

  it('says nothing when it is quiet', () => {
    const {progress, text} = recorded('quiet')
    progress.start('Creating demo')
    progress.stop('done')
    expect(text()).toBe('')
  })

  it.each([
    [{isTTY: true}, {}, false, 'tty'],
    [{isTTY: true}, {CI: '1'}, false, 'plain'],
    [{isTTY: true}, {TERM: 'dumb'}, false, 'plain'],
    [{isTTY: false}, {}, false, 'plain'],
    [{isTTY: true}, {}, true, 'quiet'],
  ] as const)('on %o with %o (json: %s) is %s', (output, env, json, kind) => expect(progressKind(output, env, json)).toBe(kind))

  it.each([
    [{isTTY: true}, {}, true],
    [{isTTY: true}, {NO_COLOR: '1'}, false],
    [{isTTY: true}, {TERM: 'dumb'}, false],
    [{isTTY: false}, {}, false],
    [{isTTY: false}, {FORCE_COLOR: '1'}, true],
    [{isTTY: false}, {FORCE_COLOR: '1', NO_COLOR: '1'}, false],
    [{isTTY: true}, {FORCE_COLOR: '0'}, false],
  ])('colours %o with %o: %s', (output, env, wanted) => expect(wantsColour(output, env)).toBe(wanted))
})
