import {describe, expect, it} from 'vitest'
import {planSetup} from '../../../../src/lib/runtime/app-setups/setup-plan.js'

const none = {env: {}, buildpacks: []}

describe('a setup plan', () => {
  it('takes env, add-ons, formation, buildpacks and postdeploy from app.json', () => {
    const manifest = {
      name: 'demo',
      env: {A: 'plain', B: {value: 'default'}, C: {required: false}, SECRET: {generator: 'secret'}},
      addons: ['heroku-redis', {plan: 'heroku-postgresql:mini', as: 'MAIN', options: {version: '17'}}],
      formation: {web: {quantity: 2, size: 'standard-1x'}},
      buildpacks: [{url: 'heroku/nodejs'}],
      scripts: {postdeploy: 'npm run seed'},
    }
    const {plan, errors} = planSetup({appJson: JSON.stringify(manifest)}, {env: {A: 'given'}, buildpacks: []})
    expect(errors).toEqual([])
    expect(plan.configVars).toMatchObject({A: 'given', B: 'default'})
    expect(plan.configVars['SECRET']).toMatch(/^[0-9a-f]{64}$/)
    expect(plan.configVars).not.toHaveProperty('C')
    expect(plan.addons).toEqual([{plan: 'heroku-redis'}, {plan: 'heroku-postgresql:mini', as: 'MAIN', options: {version: '17'}}])
    expect(plan.formation).toEqual([{type: 'web', quantity: 2, size: 'standard-1x'}])
    expect([plan.buildpacks, plan.postdeploy?.command]).toEqual([['heroku/nodejs'], 'npm run seed'])
  })

  it('names every problem at once', () => {
    const manifest = '{"env": {"NEEDED": {}, "ALSO": {"description": "x"}}, "formation": {"web": {"size": "huge"}}}'
    expect(planSetup({appJson: manifest}, none).errors).toEqual([
      'config var NEEDED is required',
      'config var ALSO is required',
      'formation.web.size: no such dyno size as huge',
    ])
  })

  it('needs no app.json', () => {
    expect(planSetup({appJson: undefined}, none)).toMatchObject({errors: [], plan: {addons: [], buildpacks: []}})
  })

  it('adds what heroku.yml says of add-ons and config vars on the container stack, and app.json wins', () => {
    const herokuYml = 'setup:\n  addons: [{plan: heroku-redis, as: JOBS}]\n  config: {A: yml, B: yml, C: yml}\nrun: []\n'
    const appJson = JSON.stringify({stack: 'container', addons: ['heroku-postgresql'], env: {A: 'json'}})
    const {errors} = planSetup({appJson, herokuYml}, none)
    expect(errors).toEqual(['heroku.yml:4:6 run: should be a map of process types and commands'])
    const {plan} = planSetup({appJson, herokuYml: herokuYml.replace('run: []', '')}, {env: {B: 'given'}, buildpacks: []})
    expect(plan.configVars).toEqual({A: 'json', B: 'given', C: 'yml'})
    expect(plan.addons).toEqual([{plan: 'heroku-postgresql'}, {plan: 'heroku-redis', as: 'JOBS'}])
    expect(planSetup({appJson: '{}', herokuYml}, none)).toMatchObject({errors: [], plan: {configVars: {}, addons: []}})
    expect(planSetup({appJson: '{}', herokuYml, stack: 'container'}, none).errors).toHaveLength(1)
  })
})
