import {describe, expect, test} from 'vitest'
import type {AddOn} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform, type TestPlatform} from '../../../support/platform.js'

async function platformWith(...apps: string[]): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  for (const name of apps) await platform.api('POST', '/apps', {name})
  return platform
}

async function firstAddon(platform: TestPlatform): Promise<AddOn> {
  return (await platform.api<AddOn[]>('GET', '/addons'))[0] as AddOn
}

describe('addons:create', () => {
  test('waits, and says what it made in the words of Heroku', async () => {
    await using platform = await platformWith('demo')
    const {stdout, stderr, exitCode} = await platform.run('addons:create heroku-postgresql:essential-0 --app demo')
    const {name} = await firstAddon(platform)
    expect(stdout).toBe(`Created ${name} as DATABASE_URL\nRun hokku addons:docs heroku-postgresql to view documentation.\n`)
    expect(stderr).toBe(`Creating heroku-postgresql:essential-0 on demo... ~$0.007/hour (max $5/month)\nWaiting for ${name}... done\n`)
    expect(exitCode).toBe(0)
  })

  test('takes names and options', async () => {
    await using platform = await platformWith('demo')
    const {stdout} = await platform.run('addons:create heroku-redis:mini --as CACHE --name my-redis --app demo -- --version 7')
    expect(stdout).toMatch(/^Created my-redis as CACHE_URL\n/)
    expect(Object.keys(await platform.api<object>('GET', '/apps/demo/config-vars'))).toEqual(['CACHE_URL'])
  })

  test('with --no-wait says that it goes on in the background', async () => {
    await using platform = await platformWith('demo')
    const {stdout} = await platform.run('addons:create heroku-redis --no-wait --name my-redis --app demo')
    expect(stdout).toBe(
      [
        'my-redis is being created in the background. The app will restart when complete...',
        'Run hokku addons:info my-redis to check creation progress.',
        'Run hokku addons:docs heroku-redis to view documentation.',
        '',
      ].join('\n'),
    )
    expect((await platform.run('addons:wait my-redis')).exitCode).toBe(0)
    expect((await firstAddon(platform)).state).toBe('provisioned')
  })

  test('names the services there are when the wanted one is not', async () => {
    await using platform = await platformWith('demo')
    const {stderr, exitCode} = await platform.run('addons:create mongolab --app demo')
    expect(stderr).toMatch(/Couldn't find the mongolab add-on service\. Available services: .*heroku-postgresql, heroku-redis/)
    expect(exitCode).toBe(1)
  })

  test('replaces an attachment only when that is confirmed', async () => {
    await using platform = await platformWith('demo')
    await platform.run('addons:create heroku-redis --name first --app demo')
    const refused = await platform.run('addons:create heroku-redis --as REDIS --app demo')
    expect(refused.stderr).toContain('Adding REDIS to app demo would overwrite existing vars from first on demo.')
    expect(refused.exitCode).toBe(1)
    const confirmed = await platform.run('addons:create heroku-redis --as REDIS --name second --confirm demo --app demo')
    expect(confirmed.stdout).toContain('Created second as REDIS_URL')
  })
})

describe('addons', () => {
  test('shows add-ons with their attachments, in this and other apps', async () => {
    await using platform = await platformWith('demo', 'other')
    await platform.run('addons:create heroku-postgresql:essential-0 --name postgresql-cubed-12345 --app demo')
    const {stdout} = await platform.run('addons --app demo')
    expect(stdout.replace(/─{80,}/, '─')).toBe(
      [
        '  Add-on                                       Plan          Price          Max Price   State',
        ' ─',
        '  heroku-postgresql (postgresql-cubed-12345)   essential-0   ~$0.007/hour   $5/month    created',
        '  └─ as DATABASE',
        '',
        'The table above shows add-ons and the attachments to the current app (demo) or other apps.',
        '',
      ].join('\n'),
    )
    await platform.run('addons:attach postgresql-cubed-12345 --as BLUE --app other')
    expect((await platform.run('addons --app demo')).stdout).toContain('  ├─ as DATABASE\n  └─ as BLUE on other app\n')
    expect((await platform.run('addons --app other')).stdout).toContain('(billed to demo app)')
  })

  test('without any says so', async () => {
    await using platform = await platformWith('demo')
    expect((await platform.run('addons --app demo')).stdout).toBe('No add-ons for app demo.\n')
    expect((await platform.run('addons --all')).stdout).toBe('No add-ons.\n')
  })

  test('--json prints what the API says', async () => {
    await using platform = await platformWith('demo')
    await platform.run('addons:create heroku-redis --app demo')
    const [addon] = JSON.parse((await platform.run('addons --app demo --json')).stdout)
    expect(addon).toMatchObject({app: {name: 'demo'}, plan: {name: 'heroku-redis:mini', price: {cents: 300}}, config_vars: ['REDIS_URL']})
  })
})

test('addons:info shows plan, price and attachments of an add-on named by its attachment', async () => {
  await using platform = await platformWith('demo')
  await platform.run('addons:create heroku-redis --name my-redis --app demo')
  const {stdout} = await platform.run('addons:info REDIS_URL --app demo')
  expect(stdout.replace(/Installed at: .*/, 'Installed at: then')).toBe(
    [
      '=== my-redis',
      '',
      'Plan:         heroku-redis:mini',
      'Price:        ~$0.004/hour',
      'Max Price:    $3/month',
      'Attachments:  demo::REDIS',
      'Owning app:   demo',
      'Installed at: then',
      'State:        created',
      '',
    ].join('\n'),
  )
  expect((await platform.run('addons:info nope --app demo')).stderr).toContain("Couldn't find that add-on.")
})

describe('addons:attach and addons:detach', () => {
  test('name the release they made', async () => {
    await using platform = await platformWith('demo', 'other')
    await platform.run('addons:create heroku-redis --name my-redis --app demo')
    const attached = await platform.run('addons:attach my-redis --as BLUE --app other')
    expect(attached.stderr).toBe('Attaching my-redis as BLUE to other... done\nSetting BLUE config vars and restarting other... done, v3\n')
    const detached = await platform.run('addons:detach BLUE --app other')
    expect(detached.stderr).toBe(
      'Detaching BLUE to my-redis from other... done\nUnsetting BLUE config vars and restarting other... done, v4\n',
    )
    expect(await platform.api('GET', '/apps/other/config-vars')).toEqual({})
  })
})

describe('addons:destroy', () => {
  test('needs the name of the app', async () => {
    await using platform = await platformWith('demo')
    await platform.run('addons:create heroku-redis --name my-redis --app demo')
    const refused = await platform.run('addons:destroy my-redis --app demo')
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('--confirm demo')
    const wrong = await platform.run('addons:destroy my-redis --confirm other')
    expect(wrong.stderr).toContain('Confirmation other did not match demo. Aborted.')
    const {stderr} = await platform.run('addons:destroy my-redis --confirm demo')
    expect(stderr).toMatch(
      /^Destroying my-redis on demo... done\nThe data of my-redis is kept until [\d/: +]+\. Bring it back with hokku addons:snapshots:restore my-redis\.\n$/,
    )
    expect(await platform.api('GET', '/addons')).toEqual([])
  })

  test('needs --force while another app uses it', async () => {
    await using platform = await platformWith('demo', 'other')
    await platform.run('addons:create heroku-redis --name my-redis --app demo')
    await platform.run('addons:attach my-redis --app other')
    const refused = await platform.run('addons:destroy my-redis --confirm demo')
    expect(refused.stderr).toContain('my-redis is also attached to other. Detach it there first, or use --force.')
    expect((await platform.run('addons:destroy my-redis --confirm demo --force')).exitCode).toBe(0)
  })
})

test('addons:plans and addons:services print the catalogue', async () => {
  await using platform = await platformWith()
  const plans = (await platform.run('addons:plans heroku-redis')).stdout.split('\n')
  expect(plans[0]).toBe('            Slug                     Name        Price          Max Price')
  expect(plans[2]).toBe('  default   heroku-redis:mini        Mini        ~$0.004/hour   $3/month')
  const services = (await platform.run('addons:services')).stdout
  expect(services).toContain('  heroku-postgresql   Heroku Postgres')
  expect(services).toMatch(/\n\nSee plans with hokku addons:plans SERVICE\n$/)
})

test('addons:docs prints the README of the service', async () => {
  await using platform = await platformWith()
  expect((await platform.run('addons:docs heroku-postgresql')).stdout).toMatch(/^# heroku-postgresql\n/)
  expect((await platform.run('addons:docs heroku-postgresql --show-url')).stdout).toBe(
    'https://devcenter.heroku.com/articles/heroku-postgresql\n',
  )
})

test('addons:upgrade changes the plan', async () => {
  await using platform = await platformWith('demo')
  await platform.run('addons:create heroku-postgresql:mini --name db --app demo')
  const {stderr} = await platform.run('addons:upgrade db heroku-postgresql:standard-0 --app demo')
  expect(stderr).toBe(
    'Changing db on demo from heroku-postgresql:mini to heroku-postgresql:standard-0... done, ~$0.069/hour (max $50/month)\n',
  )
})

describe('addons:snapshots', () => {
  test('lists what destroyed add-ons held, also of an app that is gone, and brings it back', async () => {
    await using platform = await platformWith('demo', 'other')
    expect((await platform.run('addons:snapshots')).stdout).toBe('No snapshots.\n')
    await platform.run('addons:create heroku-postgresql:standard-0 --name db --app demo')
    const {stderr} = await platform.run('apps:destroy demo --confirm demo')
    expect(stderr).toContain('The data of db is kept until')
    expect((await platform.run('addons:snapshots --app demo')).stdout).toMatch(
      /db +heroku-postgresql:standard-0 +demo +0 B|db +heroku-postgresql:standard-0 +demo +\d+ K?B/,
    )
    expect((await platform.run('addons:snapshots --app other')).stdout).toBe('No snapshots of add-ons of other.\n')
    const restored = await platform.run('addons:snapshots:restore db --plan essential-0 --name db2 --as OLD --app other')
    expect(restored).toMatchObject({exitCode: 0, stdout: 'Created db2 as OLD_URL\n'})
    expect(await platform.api('GET', '/addons/db2')).toMatchObject({plan: {name: 'heroku-postgresql:essential-0'}, state: 'provisioned'})
    expect(JSON.parse((await platform.run('addons:snapshots --json')).stdout)).toMatchObject([{name: 'db', app: {name: 'demo'}}])
  })

  test('is destroyed by its name only', async () => {
    await using platform = await platformWith('demo')
    await platform.run('addons:create heroku-redis --name cache --app demo')
    await platform.run('addons:destroy cache --confirm demo')
    const refused = await platform.run('addons:snapshots:destroy cache')
    expect(refused).toMatchObject({exitCode: 1, stderr: expect.stringContaining('--confirm cache')})
    expect((await platform.run('addons:snapshots:destroy cache --confirm cache')).stderr).toBe('Destroying the snapshot of cache... done\n')
    expect((await platform.run('addons:snapshots:destroy cache --confirm cache')).stderr).toContain("Couldn't find a snapshot of cache")
  })
})
