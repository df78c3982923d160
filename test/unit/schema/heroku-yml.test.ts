import {describe, expect, test} from 'vitest'
import {parseHerokuYml} from '../../../src/lib/schema/heroku-yml.js'

const whole = `setup:
  addons:
    - plan: heroku-postgresql:mini
      as: DATABASE
    - heroku-redis
  config: &shared
    S3_BUCKET: my-bucket
build:
  docker:
    web: Dockerfile
    release:
      dockerfile: Dockerfile
      target: builder
  config:
    <<: *shared
    RUBY_VERSION: 3.10
    VERBOSE: yes
release:
  image: release
  command:
    - ./migrate.sh
    - ./seed.sh
run:
  web: bundle exec puma
  worker:
    command: python worker.py
    image: web
  clock:
    image: web
    command: [ruby clock.rb]
`

const bomb = `a: &a [x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c]\n`

describe('heroku.yml', () => {
  test('is read whole: every form that Heroku takes, with text as it stands there', () => {
    const {herokuYml, problems, warnings} = parseHerokuYml(whole)
    expect([problems, warnings]).toEqual([[], []])
    expect(herokuYml).toEqual({
      setup: {addons: [{plan: 'heroku-postgresql:mini', as: 'DATABASE'}, {plan: 'heroku-redis'}], config: {S3_BUCKET: 'my-bucket'}},
      build: {
        docker: {web: {dockerfile: 'Dockerfile'}, release: {dockerfile: 'Dockerfile', target: 'builder'}},
        config: {S3_BUCKET: 'my-bucket', RUBY_VERSION: '3.10', VERBOSE: 'yes'},
      },
      release: {image: 'release', command: ['./migrate.sh', './seed.sh']},
      run: {
        web: {command: ['bundle exec puma']},
        worker: {command: ['python worker.py'], image: 'web'},
        clock: {command: ['ruby clock.rb'], image: 'web'},
      },
    })
  })

  test('may be empty', () => {
    expect(parseHerokuYml('')).toMatchObject({herokuYml: {}, problems: [], warnings: []})
  })

  test('has all its problems told at once, with line and column, in the file’s order', () => {
    const {herokuYml, problems} = parseHerokuYml(`build:
  docker:
    web: [a, b]
    we b: Dockerfile
    worker: Dockerfile
  config: nothing
release:
  image: other
run:
  web: {image: web}
  clock: ruby clock.rb
setup:
  addons: heroku-redis
`)
    expect(herokuYml).toBeUndefined()
    expect(problems).toEqual([
      'heroku.yml:3:10 build.docker.web: should be a Dockerfile, or a map with dockerfile and target',
      'heroku.yml:4:11 build.docker.we b: is no name of a process type: letters, digits, - and _ only',
      'heroku.yml:6:11 build.config: should be a map of names and values',
      'heroku.yml:8:10 release.image: other is not built; what is built: web, we b, worker',
      'heroku.yml:10:8 run.web.command: should be a command or a list of commands',
      'heroku.yml:11:10 run.clock: say with image in which of web, we b, worker it runs',
      'heroku.yml:13:11 setup.addons: should be a list',
    ])
  })

  test.each([
    ['build:\n\tdocker: x', 'heroku.yml:2:1 Tabs are not allowed as indentation'],
    ['build: {}\nbuild: {}', 'heroku.yml:2:1 Map keys must be unique'],
    ['- a', 'heroku.yml:1:1 should be a map with setup, build, release and run'],
    ['build: {docker: {web: *x}}', 'heroku.yml:1:1 Unresolved alias (the anchor must be set before the alias): x'],
    [bomb, 'heroku.yml:1:1 Excessive alias count indicates a resource exhaustion attack'],
  ])('%j has the problem %j', (text, problem) => {
    expect(parseHerokuYml(text).problems[0]).toBe(problem)
  })

  test('knows no other image than web’s where build names none', () => {
    expect(parseHerokuYml('run:\n  web: x\n  clock: {command: tick, image: worker}\n').problems).toEqual([
      'heroku.yml:3:33 run.clock.image: worker is not built; what is built: web',
    ])
  })

  test('warns of keys that Heroku does not know and goes on', () => {
    const {herokuYml, warnings} = parseHerokuYml(`version: 2
build:
  languages: [ruby]
  docker:
    web: {dockerfile: Dockerfile, context: .}
run:
  web: {command: x, size: basic}
`)
    expect(herokuYml?.build?.docker?.['web']).toEqual({dockerfile: 'Dockerfile'})
    expect(warnings).toEqual([
      'heroku.yml:1:10 version: not a key of heroku.yml, ignored',
      'heroku.yml:3:14 build.languages: not a key of heroku.yml, ignored',
      'heroku.yml:5:44 build.docker.web.context: not a key of heroku.yml, ignored',
      'heroku.yml:7:27 run.web.size: not a key of heroku.yml, ignored',
    ])
  })
})
