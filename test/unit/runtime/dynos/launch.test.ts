import {describe, expect, it} from 'vitest'
import {dynoEnvironment} from '../../../../src/lib/runtime/dynos/environment.js'
import {insideCommand, launchOf} from '../../../../src/lib/runtime/dynos/launch.js'
import type {SlugRecord} from '../../../../src/lib/runtime/slugs/slug-record.js'
import {wantedApp} from './support.js'

const slug = {
  image: 'sha256:main',
  processTypes: {worker: 'work', web: '/bin/sh -c serve'},
  container: {
    worker: {image: 'sha256:jobs', entrypoint: [], command: ['/bin/sh', '-c', 'work']},
    web: {image: 'sha256:main', entrypoint: ['/entry'], command: ['/bin/sh', '-c', 'serve']},
  },
} as unknown as SlugRecord

describe('how a dyno is launched', () => {
  it('in a slug: by the stack’s launcher, in /app, as its user', () => {
    const made = {image: 'sha256:1', processTypes: {web: 'serve'}} as unknown as SlugRecord
    expect(launchOf(made, {type: 'web', command: 'serve'})).toEqual({
      image: 'sha256:1',
      command: ['/usr/local/bin/dyno-launch', 'serve'],
      user: '1000:1000',
      workdir: '/app',
    })
  })

  it('in its process type’s own image, as that image or heroku.yml says', () => {
    expect(launchOf(slug, {type: 'web', command: '/bin/sh -c serve'})).toEqual({
      image: 'sha256:main',
      command: ['/.hokku/dyno-init', '/entry', '/bin/sh', '-c', 'serve'],
    })
  })

  it('one-off with what the user typed, in the image of its type, else in web’s', () => {
    expect(launchOf(slug, {type: 'worker', command: 'bash'})).toEqual({
      image: 'sha256:jobs',
      command: ['/.hokku/dyno-init', '/bin/sh', '-c', 'bash'],
    })
    expect(launchOf(slug, {type: 'constructor', command: 'bash'}).image).toBe('sha256:main')
    expect(launchOf(slug, {type: 'run', command: 'bash'})).toMatchObject({
      image: 'sha256:main',
      command: ['/.hokku/dyno-init', '/entry', '/bin/sh', '-c', 'bash'],
    })
  })

  it('on the CNB stack by the lifecycle’s launcher, which knows processes by the name it is called by', () => {
    const process = {image: 'sha256:1', entrypoint: ['/cnb/process/web'], command: []}
    const made = {image: 'sha256:1', stack: 'cnb', processTypes: {web: 'serve'}, container: {web: process}} as unknown as SlugRecord
    const command = (type: string, line: string) => launchOf(made, {type, command: line}).command
    expect(command('web', 'serve')).toEqual(['/.hokku/dyno-init', '/cnb/process/web'])
    expect(command('run', 'rake x')).toEqual(['/.hokku/dyno-init', '/cnb/lifecycle/launcher', 'rake x'])
    expect(command('run', 'launcher bash')).toEqual(['/.hokku/dyno-init', '/cnb/lifecycle/launcher', 'bash'])
    expect(insideCommand('bash', 'cnb')).toEqual(['/.hokku/dyno-init', '--inside', '/cnb/lifecycle/launcher', 'bash'])
  })

  it('inside a dyno without its entrypoint', () => {
    expect(insideCommand('ls', 'container')).toEqual(['/.hokku/dyno-init', '--inside', '/bin/sh', '-c', 'ls'])
    expect(insideCommand('ls', 'heroku-24')).toEqual(['/usr/local/bin/dyno-launch', '--inside', 'ls'])
  })

  it('with PATH and HOME as the image has them', () => {
    const {app, release} = wantedApp({version: 8, formation: {}, config: {A: '1'}})
    expect(dynoEnvironment(app, release, slug, {id: 'd', name: 'web.1', port: 5000})).toEqual({A: '1', PORT: '5000', DYNO: 'web.1'})
  })
})
