import {expect, it} from 'vitest'
import {editorLine, editText} from '../../../src/lib/cli/editor.js'

it('runs $VISUAL before $EDITOR, with their arguments, and vi or notepad without them', () => {
  expect(editorLine({VISUAL: 'code --wait', EDITOR: 'ed'}, '/x/y', 'linux')).toEqual({
    program: 'sh',
    args: ['-c', 'code --wait "$1"', 'sh', '/x/y'],
  })
  expect(editorLine({EDITOR: 'ed'}, '/x/y', 'linux').args[1]).toBe('ed "$1"')
  expect(editorLine({}, '/x/y', 'darwin').args[1]).toBe('vi "$1"')
  expect(editorLine({}, 'C:\\x', 'win32')).toEqual({program: 'cmd', args: ['/d', '/s', '/c', 'notepad "C:\\x"']})
})

it('gives the editor a file that only its owner can read', async () => {
  const env = {...process.env, VISUAL: 'sh -c \'stat -c "%a %A" "$1" "$(dirname "$1")" > "$1.out"; cat "$1.out" > "$1"\' sh'}
  expect(await editText('secret', {name: 'x', env})).toBe('600 -rw-------\n700 drwx------\n')
})

it('changes nothing when the editor fails', async () => {
  await expect(editText('x', {name: 'x', env: {...process.env, VISUAL: 'false'}})).rejects.toThrow('The editor failed (exit code 1).')
})
