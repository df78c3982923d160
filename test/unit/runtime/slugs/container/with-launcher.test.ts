import {expect, test} from 'vitest'
import {withLauncher} from '../../../../../src/lib/runtime/slugs/container/with-launcher.js'

const upon = (name: string): string => `FROM ${name} AS hokku-launchable\nCOPY --from=L /.hokku/ /.hokku/\n`

test.each([
  ['FROM a\nRUN x\n', undefined, `FROM a AS hokku-image\nRUN x\n\n${upon('hokku-image')}`],
  ['FROM a AS one\nfrom b as Two\r\nCMD x', undefined, `FROM a AS one\nfrom b as Two\r\nCMD x\n${upon('Two')}`],
  ['FROM a AS one\nFROM b\n', 'one', `FROM a AS one\nFROM b\n\n${upon('one')}`],
  [
    'FROM a\nRUN echo \\\n# comment\n\n  FROM b\nCMD x\n',
    undefined,
    `FROM a AS hokku-image\nRUN echo \\\n# comment\n\n  FROM b\nCMD x\n\n${upon('hokku-image')}`,
  ],
])('%j, target %s', (dockerfile, target, extended) => {
  expect(withLauncher(dockerfile, target, 'L')).toBe(extended)
})

test.each(['', 'RUN x', 'FROM \\\n a\n', 'FROM a\nRUN x \\', '# escape=`\nFROM a\n', 'FROM a\nRUN <<EOF\nFROM b\nEOF\n'])(
  '%j is left alone',
  dockerfile => {
    expect(withLauncher(dockerfile, undefined, 'L')).toBeUndefined()
  },
)
