import {describe, expect, it} from 'vitest'
import {parseRemotes} from '../../../src/lib/cli/git.js'
import {appOfRemotes, appRemotes, namedApp} from '../../../src/lib/cli/resolve-app.js'

const places = {gitUrl: 'http://127.0.0.1:5080', gitDirectory: '/home/me/hokku/git'}
const question = {app: undefined, remote: undefined, env: {}}

describe('the app of a command', () => {
  it('is the flag before HOKKU_APP before HEROKU_APP', () => {
    const env = {HOKKU_APP: 'ours', HEROKU_APP: 'theirs'}
    expect(namedApp({...question, app: 'flag', env})).toBe('flag')
    expect(namedApp({...question, env})).toBe('ours')
    expect(namedApp({...question, env: {HEROKU_APP: 'theirs'}})).toBe('theirs')
  })

  it('is looked for in the remotes when --remote is given, whatever the environment says', () => {
    expect(namedApp({...question, remote: 'staging', env: {HOKKU_APP: 'ours'}})).toBeUndefined()
  })

  it.each([
    ['http://127.0.0.1:5080/demo.git', 'demo'],
    ['http://localhost:5080/demo.git', 'demo'],
    ['http://x:token@127.0.0.1:5080/demo.git', 'demo'],
    ['/home/me/hokku/git/demo.git', 'demo'],
    ['file:///home/me/hokku/git/demo.git', 'demo'],
    ['http://127.0.0.1:50801/demo.git', undefined],
    ['https://git.heroku.com/demo.git', undefined],
    ['git@github.com:me/demo.git', undefined],
    ['/home/me/hokku/git-other/demo.git', undefined],
  ])('reads the remote %s as %s', (url, app) => {
    expect(appRemotes([{name: 'x', url}], places).map(remote => remote.app)).toEqual(app === undefined ? [] : [app])
  })

  it('is one app though two remotes lead to it', () => {
    const remotes = [
      {name: 'hokku', url: 'http://127.0.0.1:5080/demo.git'},
      {name: 'bare', url: '/home/me/hokku/git/demo.git'},
    ]
    expect(appOfRemotes(question, {remotes, preferred: undefined}, places)).toBe('demo')
  })

  it('is that of the remote git config prefers, when there are several', () => {
    const repository = parseRemotes(
      'remote.hokku.url http://127.0.0.1:5080/demo.git\nremote.staging.url http://127.0.0.1:5080/demo2.git\nhokku.remote staging\n',
    )
    expect(appOfRemotes(question, repository, places)).toBe('demo2')
    expect(() => appOfRemotes(question, {...repository, preferred: undefined}, places)).toThrow('Multiple apps in git remotes')
  })

  it('is an error when --remote names none of ours', () => {
    expect(() => appOfRemotes({...question, remote: 'origin'}, {remotes: [], preferred: undefined}, places)).toThrow(
      'remote origin not found in git remotes',
    )
  })
})
