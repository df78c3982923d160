import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {bashScript} from '../../../../src/lib/cli/completion/bash.js'
import {fishScript} from '../../../../src/lib/cli/completion/fish.js'
import {completionWords} from '../../../../src/lib/cli/completion/words.js'
import {zshScript} from '../../../../src/lib/cli/completion/zsh.js'

const commands = completionWords({
  commands: {
    apps: {aliases: [], description: 'list apps\nmore', flags: {json: {name: 'json', char: 'j'}}},
    'ps:scale': {
      aliases: ['dyno:scale'],
      description: "it's `$(so)`",
      flags: {app: {name: 'app', char: 'a'}, secret: {name: 'secret', hidden: true}},
    },
    'ps:stop': {aliases: ['ps:kill'], description: 'stop', flags: {app: {name: 'app', char: 'a'}, dyno: {name: 'dyno-name', char: 'd'}}},
    'ps:internal': {hidden: true, aliases: [], flags: {}},
  },
})

describe('completionWords', () => {
  it('has commands and flags that are not hidden, and one plain line about each', () => {
    expect(commands.map(({id}) => id)).toEqual(['apps', 'ps:scale', 'ps:stop'])
    expect(commands[1]).toEqual({id: 'ps:scale', aliases: ['dyno:scale'], description: 'its (so)', flags: ['--app', '--help', '-a']})
  })

  it('reads the manifest that is published', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../../oclif.manifest.json', import.meta.url), 'utf8'))
    const all = completionWords(manifest)
    expect(all.find(({id}) => id === 'ps:scale')?.flags).toContain('--app')
    expect(all.every(({description}) => !/['"`$\\]/.test(description))).toBe(true)
  })
})

describe('the bash script, in bash', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hk-'))
    writeFileSync(join(folder, 'completion'), bashScript(commands, 'hokku'))
    writeFileSync(
      join(folder, 'hokku'),
      '#!/bin/sh\n[ "$2" = apps ] && printf "demo\\ndev\\n"\n[ "$2" = dynos ] && printf "web.1\\nweb.2\\n$4.9\\n"\n',
      {mode: 0o755},
    )
  })
  afterAll(() => rmSync(folder, {recursive: true, force: true}))

  const complete = (line: string, breaks = ' \t\n"\'><=;|&(:'): string[] => {
    const script = `PATH=${folder}:$PATH; . ${folder}/completion; COMP_WORDBREAKS=$2; COMP_LINE=$1; COMP_POINT=\${#1}; _hokku; printf '%s\\n' "\${COMPREPLY[@]}"`
    return execFileSync('bash', ['--norc', '-c', script, 'bash', line, breaks], {encoding: 'utf8'}).trim().split('\n').filter(Boolean)
  }

  it.each([
    ['hokku a', ['apps']],
    ['hokku ps', ['ps:kill', 'ps:scale', 'ps:stop']],
    ['hokku ps:s', ['scale', 'stop']],
    ['hokku ps s', ['scale', 'stop']],
    ['hokku dyno:', ['scale']],
    ['hokku ps:scale --', ['--app', '--help']],
    ['hokku ps scale --a', ['--app']],
    ['hokku ps:scale -a d', ['demo', 'dev']],
    ['hokku ps:stop ', ['web.1', 'web.2', '.9']],
    ['hokku ps stop w', ['web.1', 'web.2']],
    ['hokku ps:kill --app other -d o', ['other.9']],
    ['hokku nonsense --', []],
  ])('completes %j', (line, words) => {
    expect(complete(line)).toEqual(words)
  })

  it('gives whole words where a colon does not end one', () => {
    expect(complete('hokku ps:s', ' \t\n')).toEqual(['ps:scale', 'ps:stop'])
  })
})

describe('the scripts for zsh and fish', () => {
  it('know commands, flags and where names come from', () => {
    const zsh = zshScript(commands, 'hokku')
    expect(zsh).toContain("    'ps\\:scale:its (so)'\n")
    expect(zsh).toContain('    ps:stop|ps:kill) flags=(--app --dyno-name --help -a -d) ;;\n')
    const fish = fishScript(commands, 'hokku')
    expect(fish).toContain("complete -c hokku -n '__fish_use_subcommand' -a 'ps:kill' -d 'stop'\n")
    expect(fish).toContain("complete -c hokku -n '__hokku_is ps:stop ps:kill' -l dyno-name\n")
    for (const script of [zsh, fish]) expect(script).toContain('hokku completion:names apps')
  })
})
