import {expect, it} from 'vitest'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

/** Tables that grow with what users do. What is read of them row by row takes longer every day. */
const large = [
  'addons',
  'app_setups',
  'apps',
  'attachments',
  'builds',
  'config_vars',
  'crashes',
  'domains',
  'formation',
  'releases',
  'slugs',
]

/** What reads a table from end to end, and why it may. */
const allowed = [
  /^SELECT \* FROM apps (WHERE true )?ORDER BY name/, // lists apps
  /^SELECT DISTINCT app_id FROM formation WHERE quantity > 0$/, // the start: which apps have dynos
  /^SELECT id FROM apps$/, // the start: compares every app with what the engine has
  /^SELECT \* FROM addons ORDER BY/, // lists every add-on; the start sees to each
  /^SELECT \* FROM attachments ORDER BY/, // lists every attachment
  /^SELECT host_port, page_port, .* FROM addons/, // a new add-on's port is none of theirs
  /^SELECT id FROM addons WHERE name = \? OR host = \?/, // a new add-on's name
  /^SELECT \* FROM app_setups WHERE status/, // the start; a row for each apps:setup
]

it('nothing but what lists everything reads a whole table', async () => {
  await using platform = await startTestPlatform()
  await useEverything(platform)
  const plans = [...platform.runtime.store.plans()].filter(([sql]) => !allowed.some(pattern => pattern.test(sql)))
  expect(plans.length).toBeGreaterThan(50)
  const scans = plans.flatMap(([sql, steps]) =>
    steps.filter(step => large.some(table => scansWhole(step, table))).map(step => `${step}: ${sql}`),
  )
  expect(scans).toEqual([])
})

it('an app goes without a search of what others have', async () => {
  await using platform = await startTestPlatform()
  // What goes with it, and what is looked for because it goes.
  const sql = ['apps', 'slugs', 'addons'].map(table => `EXPLAIN QUERY PLAN DELETE FROM ${table} WHERE id = ?`)
  const steps = sql.flatMap(one => platform.runtime.store.all<{detail: string}>(one, '').map(({detail}) => detail))
  expect(steps.filter(step => large.some(table => scansWhole(step, table)))).toEqual([])
})

/** `SCAN releases`, by an index or not; `SEARCH` goes straight to its rows. An index of few rows may be read whole. */
function scansWhole(step: string, table: string): boolean {
  return new RegExp(`^SCAN ${table}\\b`).test(step) && !/INDEX \w+_pending$/.test(step)
}

async function useEverything({api, deploy, dynos, run}: TestPlatform): Promise<void> {
  await run('create demo')
  await run('addons:create heroku-redis --app demo --wait')
  await deploy('demo', {Procfile: 'web: x', 'package.json': '{}'}, 'a'.repeat(40))
  await deploy('demo', {Procfile: 'web: x', 'package.json': '{"name":"other"}'}, 'b'.repeat(40))
  await dynos('demo', {'web.1': 'up'})
  await run('config:set A=1 --app demo')
  await run('config:unset A --app demo')
  await run('domains:add www.example.com --app demo')
  await run('ps:scale web=2 --app demo')
  await run('rollback --app demo')
  await run('ps:restart --app demo')
  await run('maintenance:on --app demo')
  for (const command of ['apps', 'apps:info --app demo', 'ps --app demo', 'releases --app demo', 'releases:info --app demo'])
    await run(command)
  for (const command of ['config', 'domains', 'addons', 'builds', 'builds:info', 'logs', 'features', 'buildpacks', 'apps:errors'])
    await run(`${command} --app demo`)
  await run('addons')
  for (const path of ['/addon-attachments', '/apps/demo/formation', '/apps/demo/addon-attachments']) await api('GET', path)
  await run('domains:remove www.example.com --app demo')
  await run('apps:rename other --app demo')
  await run('addons:create heroku-postgresql:standard-0 --app other --as SECOND')
  await run('apps:destroy --app other --confirm other')
}
