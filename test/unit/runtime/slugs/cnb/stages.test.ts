import {describe, expect, it} from 'vitest'
import {type AppImage, appFiles, appStages} from '../../../../../src/lib/runtime/slugs/cnb/app-stages.js'
import {buildStages, type Lifecycle, platformEnv} from '../../../../../src/lib/runtime/slugs/cnb/build-stages.js'

const lifecycle: Lifecycle = {
  image: 'heroku/builder:24',
  builder: {uid: 1002, gid: 1000, platformApi: '0.14'},
  order: {order: undefined, files: [], folders: []},
  appId: 'APP',
  mark: 'MARK',
  trust: 'host-ca',
}

const layer = {launch: true, build: false, cache: false, print: 'p1', restored: '[metadata]\n'}
const app: AppImage = {
  runImage: 'heroku/heroku:24',
  path: '/usr/bin:/bin',
  dynoLauncher: 'hokku/container:1',
  metadata: {
    buildpacks: [],
    processTypes: {web: 'serve', worker: 'work'},
    defaultType: 'web',
    labels: [{key: 'a', value: 'it "costs" $5'}],
    extensions: 0,
  },
  layers: [
    {...layer, path: 'a_b/deps', cache: true},
    {...layer, path: 'a_b/gems', launch: false, cache: true, print: 'p2'},
    {...layer, path: 'a_b/only-build', launch: false, build: true, print: 'p3'},
    {...layer, path: 'a_b/tool', print: undefined},
  ],
  stores: [['a_b/store.toml', '[metadata]\n']],
  sbom: true,
}

describe('the Dockerfile of a build with Cloud Native Buildpacks', () => {
  it('detects and builds as the builder’s user, with layers of the last build and variables in memory', () => {
    expect(buildStages(lifecycle)).toMatchSnapshot()
  })

  it('has project.toml’s order and buildpacks where the lifecycle looks for them', () => {
    const order = {
      order: 'x',
      files: [{path: 'p', content: Buffer.alloc(0)}],
      folders: [{folder: 'my packs', id: 'my/own', version: '1.2.3'}],
    }
    const stages = buildStages({...lifecycle, order, trust: 'none'})
    expect(stages).toContain(
      'COPY cnb/order.toml /cnb/order.toml\nCOPY cnb/buildpacks/ /cnb/buildpacks/\nCOPY ["cnb/folders/0/","/cnb/buildpacks/my_own/1.2.3/"]\n',
    )
    expect(stages).not.toContain('id=ca')
  })

  it('puts launch layers, launcher and source upon the run image, and keeps layers for the next build', () => {
    expect(appStages(lifecycle, app)).toMatchSnapshot()
  })

  it('starts nothing by itself when no buildpack names a default process', () => {
    const metadata = {...app.metadata, defaultType: undefined}
    expect(appStages(lifecycle, {...app, metadata})).toContain('\nENTRYPOINT ["/cnb/lifecycle/launcher"]\n')
  })

  it('copies links for process types, and the metadata that the next build sees', () => {
    expect(appFiles(app).map(({path, link}) => link ?? path)).toEqual([
      'cnb/process/.types',
      '/cnb/lifecycle/launcher',
      '/cnb/lifecycle/launcher',
      'cnb/restored/.tomls',
      'cnb/restored/a_b/store.toml',
      'cnb/restored/a_b/deps.toml',
      'cnb/restored/a_b/gems.toml',
      'cnb/restored/a_b/tool.toml',
    ])
  })

  it('hands variables over as files, whatever is in them', () => {
    expect(platformEnv({A: "it's\n$5"})).toBe("printf %s 'it'\\''s\n$5' > /run/hokku-platform/env/A\n")
  })
})
