import {describe, expect, test} from 'vitest'
import {parseAppJson} from '../../../src/lib/schema/app-json.js'

describe('app.json', () => {
  test('all problems come at once, with line, column and path', () => {
    const {problems} = parseAppJson(
      '{\n  "formation": {"web": {"quantity": "two"}},\n  "addons": {},\n  "env": {"A": {"required": "yes"}}\n}',
    )
    expect(problems).toEqual([
      'app.json:2:37 formation.web.quantity: should be a number',
      'app.json:3:13 addons: should be a list',
      'app.json:4:29 env.A.required: should be true or false',
    ])
  })

  test('strings and objects mean the same for add-ons, config vars and scripts', () => {
    const {appJson} = parseAppJson(
      '{"addons": ["heroku-redis:mini", {"plan": "x", "as": "Y"}], "env": {"A": "1"}, "scripts": {"postdeploy": "z"}}',
    )
    expect(appJson).toMatchObject({
      addons: [{plan: 'heroku-redis:mini'}, {plan: 'x', as: 'Y'}],
      env: {A: {value: '1'}},
      scripts: {postdeploy: {command: 'z'}},
    })
  })

  test('the older list form of formation is read', () => {
    expect(parseAppJson('{"formation": [{"process": "web", "quantity": 2}]}').appJson?.formation).toEqual({web: {quantity: 2}})
  })

  test('a React Native app.json is no problem', () => {
    const read = parseAppJson('{"name": "Shop", "displayName": "Shop", "expo": {"slug": "shop"}}')
    expect(read.problems).toEqual([])
    expect(read.warnings).toEqual([
      'app.json:1:33 displayName: not a key of app.json, ignored',
      'app.json:1:49 expo: not a key of app.json, ignored',
    ])
  })

  test('another tool’s scripts are no problem', () => {
    const {appJson, problems} = parseAppJson('{"scripts": {"dokku": {"predeploy": "touch x"}, "postdeploy": "y"}}')
    expect([problems, appJson?.scripts]).toEqual([[], {postdeploy: {command: 'y'}}])
  })

  test('broken JSON says where', () => {
    expect(parseAppJson('{"env": {').problems[0]).toMatch(/^app\.json:1:\d+ /)
  })

  test('an empty file is an empty app.json', () => {
    expect(parseAppJson('{}').appJson).toEqual({})
  })
})
