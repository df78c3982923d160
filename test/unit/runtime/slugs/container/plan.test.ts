import {describe, expect, test} from 'vitest'
import {containerPlan, InvalidManifest} from '../../../../../src/lib/runtime/slugs/container/plan.js'
import {sourceOf} from '../source-files.js'

async function planOf(herokuYml: string | undefined, paths: string[]) {
  const files = paths.map(path => ({path, text: 'FROM debian:13-slim\n'}))
  await using at = await sourceOf(herokuYml === undefined ? files : [{path: 'heroku.yml', text: herokuYml}, ...files])
  return await containerPlan(at.source)
}

async function problemsOf(herokuYml: string | undefined, paths: string[]): Promise<string[]> {
  const error = await planOf(herokuYml, paths).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(InvalidManifest)
  return (error as InvalidManifest).lines
}

describe('the plan of a container build', () => {
  test('has an image for each Dockerfile, which sees its own folder, and the processes with the images they run in', async () => {
    const text = `build:
  docker:
    web: ./Dockerfile
    worker: jobs/worker.Dockerfile
    release: {dockerfile: Dockerfile, target: builder}
  config: {RAILS_ENV: production}
release:
  command: [rake db:migrate, rake db:seed]
run:
  web: puma -p $PORT
  clock: {command: ruby clock.rb, image: worker}
`
    expect(await planOf(text, ['Dockerfile', 'jobs/worker.Dockerfile'])).toEqual({
      images: [
        {type: 'web', dockerfile: 'Dockerfile', context: '', target: undefined},
        {type: 'worker', dockerfile: 'jobs/worker.Dockerfile', context: 'jobs', target: undefined},
        {type: 'release', dockerfile: 'Dockerfile', context: '', target: 'builder'},
      ],
      processes: [
        {type: 'web', image: 'web', command: 'puma -p $PORT'},
        {type: 'worker', image: 'worker', command: undefined},
        {type: 'release', image: 'release', command: 'rake db:migrate && rake db:seed'},
        {type: 'clock', image: 'worker', command: 'ruby clock.rb'},
      ],
      args: {RAILS_ENV: 'production'},
      warnings: [],
    })
  })

  test('runs everything in the only image there is', async () => {
    const {processes} = await planOf('build: {docker: {web: Dockerfile}}\nrelease: {command: migrate}\nrun: {worker: work}\n', [
      'Dockerfile',
    ])
    expect(processes).toEqual([
      {type: 'web', image: 'web', command: undefined},
      {type: 'worker', image: 'web', command: 'work'},
      {type: 'release', image: 'web', command: 'migrate'},
    ])
  })

  test('takes a Dockerfile that stands alone as web, and says that Heroku would not', async () => {
    const {images, warnings} = await planOf(undefined, ['Dockerfile'])
    expect(images).toEqual([{type: 'web', dockerfile: 'Dockerfile', context: '', target: undefined}])
    expect(warnings).toEqual(['There is no heroku.yml: the Dockerfile is built as web. Heroku would refuse it.'])
  })

  test('cannot be made of source without either, in Heroku’s words', async () => {
    expect(await problemsOf(undefined, ['package.json'])).toEqual([
      'Your app does not include a heroku.yml build manifest. To deploy your app, either create a heroku.yml: https://devcenter.heroku.com/articles/build-docker-images-heroku-yml',
      "Or change your stack by running: 'hokku stack:set heroku-24'",
    ])
  })

  test('names every Dockerfile that is not in the source, and nothing outside of it', async () => {
    expect(await problemsOf('build:\n  docker:\n    web: Dockerfile\n    worker: ../Dockerfile\n', ['x'])).toEqual([
      'Your heroku.yml manifest is invalid. Please correct the following issues:',
      '\t\theroku.yml:3:10 build.docker.web: there is no Dockerfile in the source',
      '\t\theroku.yml:4:13 build.docker.worker: there is no ../Dockerfile in the source',
    ])
  })

  test('needs a Dockerfile somewhere', async () => {
    expect((await problemsOf('run:\n  web: x\n', [])).at(-1)).toBe(
      '\t\theroku.yml:1:1 build: names no Dockerfile under docker, and there is none at the root',
    )
    expect((await problemsOf('build: {docker: {}}', [])).at(-1)).toContain('names no Dockerfile')
    expect((await planOf('build: {docker: {}}', ['Dockerfile'])).images).toMatchObject([{type: 'web', dockerfile: 'Dockerfile'}])
    expect((await planOf('run:\n  web: x\n', ['Dockerfile'])).processes).toEqual([{type: 'web', image: 'web', command: 'x'}])
  })
})
