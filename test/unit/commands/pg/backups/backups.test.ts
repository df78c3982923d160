import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {eventually} from '../../../../support/eventually.js'
import {startTestPlatform, type TestPlatform} from '../../../../support/platform.js'
import type {CommandResult} from '../../../../support/run-command.js'
import {startS3} from '../../../../support/s3-server.js'

const database = 'postgresql-cubed-12345'
const time = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000/g

let platform: TestPlatform
let folder: string

beforeEach(async () => {
  platform = await startTestPlatform()
  folder = await mkdtemp(join(tmpdir(), 'hk-dump-'))
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.run(`addons:create heroku-postgresql:mini --name ${database} --app demo`)
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
  await rm(folder, {recursive: true, force: true})
})

const run = (command: string): Promise<CommandResult> => platform.run(`${command} --app demo`)
const files = async (): Promise<string[]> => readdir(platform.home.backups).catch(() => [])

/** What the server of an app's database holds now. */
async function server(): Promise<{text: string}> {
  await eventually(async () => expect(platform.engine.data.size).toBeGreaterThan(0))
  return [...platform.engine.data.values()][0] as {text: string}
}

async function captured(): Promise<{text: string}> {
  expect((await run('pg:backups:capture')).exitCode).toBe(0)
  return server()
}

describe('pg:backups:capture', () => {
  it('says as Heroku does what it does, and keeps an encrypted file', async () => {
    const {stderr, exitCode} = await run('pg:backups:capture')
    expect(stderr.split('\n')).toEqual([
      `Starting backup of ${database}... done`,
      '',
      'Use Ctrl-C at any time to stop monitoring progress; the backup will continue running.',
      'Use hokku pg:backups:info to check progress.',
      'Stop a running backup with hokku pg:backups:cancel.',
      '',
      `Backing up ${database} to b001... done`,
      '',
    ])
    expect(exitCode).toBe(0)
    const [file = ''] = await files()
    expect(file).toMatch(/^[0-9a-f-]{36}\.dump$/)
    const bytes = await readFile(join(platform.home.backups, file))
    expect(bytes.includes('rows of the server')).toBe(false)
  })

  it('of a database whose dump fails ends with what the tool said, and leaves no file', async () => {
    const held = await captured()
    held.text = 'fails'
    const {stderr, exitCode} = await run('pg:backups:capture')
    expect(stderr).toContain('An error occurred and the backup did not finish.')
    expect(stderr).toContain('pg_dump: error: it fails')
    expect(stderr).toContain('Try this: hokku pg:backups:info b002 --app demo')
    expect(exitCode).toBe(1)
    expect(await files()).toHaveLength(1)
    expect((await run('pg:backups')).stdout).toMatch(/b002 .* Failed \d{4}/)
  })

  it('of a service without backups is refused', async () => {
    await run('addons:create heroku-redis:mini --name redis-round-1')
    const refused = platform.api('POST', '/client/v11/databases/redis-round-1/backups')
    await expect(refused).rejects.toThrow('heroku-redis has no backups.')
  })
})

describe('pg:backups', () => {
  it('has a table for backups, restores and copies', async () => {
    expect((await run('pg:backups')).stdout).toBe(
      [
        '=== Backups\n\nNo backups. Capture one with hokku pg:backups:capture\n',
        '=== Restores\n\nNo restores found. Use hokku pg:backups:restore to restore a backup\n',
        '=== Copies\n\nNo copies found. Use hokku pg:copy to copy a database to another\n\n',
      ].join('\n'),
    )
    await captured()
    const {stdout} = await run('pg:backups')
    expect(stdout.replace(time, 'TIME').replaceAll('─', '')).toBe(
      [
        '=== Backups\n',
        '  ID     Created at                  Status                                Size     Database',
        ' ',
        `  b001   TIME   Completed TIME   23.00B   ${database}\n`,
        '=== Restores\n\nNo restores found. Use hokku pg:backups:restore to restore a backup\n',
        '=== Copies\n\nNo copies found. Use hokku pg:copy to copy a database to another\n\n',
      ].join('\n'),
    )
    const [one] = JSON.parse((await run('pg:backups --json')).stdout)
    expect(one).toMatchObject({num: 1, from_type: 'pg_dump', to_type: 'gof3r', from_name: database, processed_bytes: 23, succeeded: true})
  })
})

describe('pg:backups:info', () => {
  it('shows the last backup with its log', async () => {
    await captured()
    const {stdout} = await run('pg:backups:info')
    expect(stdout.replace(time, 'TIME').split('\n')).toEqual([
      '=== Backup b001',
      '',
      `Database:         ${database}`,
      'Started at:       TIME',
      'Finished at:      TIME',
      'Status:           Completed',
      'Type:             Manual',
      'Original DB Size: 4.00KB',
      'Backup Size:      23.00B (99% compression)',
      '',
      '=== Backup Logs',
      '',
      `TIME backup of ${database} started`,
      '',
    ])
    expect((await run('pg:backups:info b009')).stderr).toContain("Couldn't find that transfer.")
    expect((await run('pg:backups:info nonsense')).stderr).toContain('Invalid Backup: nonsense')
  })
})

describe('pg:backups:restore', () => {
  it('puts the data of a backup in the place of the present data, after a confirmation', async () => {
    const held = await captured()
    held.text = 'something else'
    const unconfirmed = await run('pg:backups:restore')
    expect(unconfirmed.stderr).toContain(`Destructive action\n ›   ${database} will lose all of its data`)
    expect(held.text).toBe('something else')
    const {stderr, exitCode} = await run('pg:backups:restore b001 DATABASE_URL --confirm demo')
    expect(stderr).toContain(`Starting restore of b001 to ${database}... done`)
    expect(stderr).toContain('Restoring... done')
    expect([exitCode, held.text]).toEqual([0, 'rows of the server'])
    expect((await run('pg:backups')).stdout).toMatch(/r002 .* Completed/)
  })

  it('says how many warnings there were', async () => {
    const held = await captured()
    held.text = 'warns'
    await run('pg:backups:capture')
    await run('pg:backups:restore --confirm demo')
    expect((await run('pg:backups')).stdout).toMatch(/r003 +\S+ \S+ \S+ +Finished with 1 warnings/)
    expect((await run('pg:backups:info r003')).stdout).toContain('an extension is not here')
  })

  it('tells that the data was replaced, also when its server died before it could say so', async () => {
    const held = await captured()
    held.text = 'it dies'
    await run('pg:backups:capture')
    held.text = 'other rows'
    expect((await run('pg:backups:restore --confirm demo')).exitCode).toBe(0)
    expect(held.text).toBe('it dies')
    expect((await run('pg:backups:info r003')).stdout).toContain('The data was replaced all the same.')
  })

  it('takes the last backup that succeeded, one of another app, and none that failed', async () => {
    const held = await captured()
    held.text = 'fails'
    await run('pg:backups:capture')
    expect((await run('pg:backups:restore b002 --confirm demo')).stderr).toContain('Backup b002 for demo did not complete successfully')
    expect((await run('pg:backups:restore b007 --confirm demo')).stderr).toContain('Backup b007 not found for demo')
    await run('pg:backups:restore --confirm demo')
    expect(held.text).toBe('rows of the server')
    await platform.api('POST', '/apps', {name: 'other'})
    await platform.run('addons:create heroku-postgresql:mini --name postgresql-round-1 --app other')
    expect((await platform.run('pg:backups:restore --confirm other --app other')).stderr).toContain('No backups on other.')
    expect((await platform.run('pg:backups:restore demo::b001 --confirm other --app other')).exitCode).toBe(0)
  })

  it('takes a dump from a URL, and leaves the data when that is none', async () => {
    const held = await captured()
    const web = createServer((request, response) => {
      if (request.url === '/missing') response.writeHead(404)
      response.end(request.url === '/dump' ? 'PGDMPfrom elsewhere' : 'a web page')
    })
    await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    expect((await run(`pg:backups:restore ${url}/dump --confirm demo`)).exitCode).toBe(0)
    expect(held.text).toBe('from elsewhere')
    const page = await run(`pg:backups:restore ${url}/page --confirm demo`)
    expect(page.stderr).toContain('This is no dump, or not all of it')
    expect(page.stderr).toContain('Its data is as it was.')
    expect((await run(`pg:backups:restore ${url}/missing --confirm demo`)).stderr).toContain('could not be fetched: HTTP 404')
    expect([held.text, (await files()).length]).toEqual(['from elsewhere', 1])
    web.close()
  })

  it('of a file that was changed on disk fails and leaves the data', async () => {
    const held = await captured()
    held.text = 'the present data'
    const [file = ''] = await files()
    const path = join(platform.home.backups, file)
    const bytes = await readFile(path)
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    await writeFile(path, bytes)
    const {stderr, exitCode} = await run('pg:backups:restore --confirm demo')
    expect(stderr).toContain('An encrypted file is damaged, or was sealed with another key.')
    expect([exitCode, held.text]).toEqual([1, 'the present data'])
  })
})

describe('pg:backups:download and :url', () => {
  it('give the dump in the clear to whoever has the URL, for an hour', async () => {
    await captured()
    const file = join(folder, 'demo.dump')
    expect((await run(`pg:backups:download --output ${file}`)).stderr).toContain('Downloading b001 to')
    expect(await readFile(file, 'utf8')).toBe('PGDMProws of the server')
    expect(await readdir(folder)).toEqual(['demo.dump'])
    const url = new URL((await run('pg:backups:url')).stdout.trim())
    expect(url.protocol).toBe('https:')
    const open = await fetch(`http://${url.host}${url.pathname}`)
    expect([open.status, open.headers.get('content-length'), await open.text()]).toEqual([200, '23', 'PGDMProws of the server'])
    const [id, expires, key] = url.pathname.slice('/backups/'.length).split('.') as [string, string, string]
    for (const wrong of [`${id}.${Number(expires) + 1}.${key}`, `${id}.${expires}.${'0'.repeat(32)}`])
      expect((await fetch(`http://${url.host}/backups/${wrong}`)).status).toBe(404)
  })

  it('name a file that is not there yet', async () => {
    await captured()
    for (const _ of [1, 2]) await platform.run('pg:backups:download --app demo', {cwd: folder})
    expect(await readdir(folder)).toEqual(['latest.dump', 'latest.dump.1'])
  })
})

describe('pg:backups:delete', () => {
  it('removes the file, after a confirmation, and gives its number to no other', async () => {
    await captured()
    expect((await run('pg:backups:delete b001')).stderr).toContain('This will delete the backup b001 of demo.')
    expect((await run('pg:backups:delete b001 --confirm demo')).stderr).toContain('Deleting backup b001 on demo... done')
    expect(await files()).toEqual([])
    expect((await run('pg:backups:restore --confirm demo')).stderr).toContain('No backups on demo.')
    await run('pg:backups:capture')
    expect((await run('pg:backups')).stdout).toContain('b002')
  })
})

describe('pg:backups:cancel', () => {
  it('ends what is under way, also inside of the server', async () => {
    const held = await captured()
    expect((await run('pg:backups:cancel')).stderr).toContain('No active backups/transfers')
    held.text = 'waits'
    const capture = run('pg:backups:capture')
    await eventually(async () => expect((await run('pg:backups')).stdout).toContain('Running'))
    expect((await run('pg:backups:cancel')).stderr).toContain('Cancelling b002... done')
    expect((await capture).stderr).toContain('It was canceled.')
    expect((await run('pg:backups:info b002')).stdout).toContain('Status:           Canceled')
    expect(await files()).toHaveLength(1)
  })
})

describe('pg:backups:schedule', () => {
  it('is listed until it is unscheduled', async () => {
    expect((await run('pg:backups:schedules')).stderr).toContain('No backup schedules found on demo')
    const {stderr} = await platform.run(['pg:backups:schedule', 'DATABASE_URL', '--at', '02:00 CET', '--app', 'demo'])
    expect(stderr).toBe(`Scheduling automatic daily backups of ${database} at 02:00 Europe/Paris... done\n`)
    expect((await run('pg:backups:schedules')).stdout).toBe('=== Backup Schedules\n\nDATABASE_URL: daily at 2:00 Europe/Paris\n')
    await platform.run(['pg:backups:schedule', '--at', '4:00', '--app', 'demo'])
    expect((await run('pg:backups:schedules')).stdout).toContain('DATABASE_URL: daily at 4:00 UTC')
    expect((await run('pg:backups:unschedule')).stderr).toBe('Unscheduling DATABASE_URL daily backups... done\n')
    expect((await run('pg:backups:unschedule')).stderr).toContain('No schedules on demo')
  })

  it('wants an hour and a time zone that there is', async () => {
    const at = (text: string): Promise<CommandResult> => platform.run(['pg:backups:schedule', '--at', text, '--app', 'demo'])
    expect((await at('02:30')).stderr).toContain("Invalid schedule format: expected --at '[HOUR]:00 [TIMEZONE]'")
    expect((await at('2:00 Nowhere/City')).stderr).toContain(
      '2:00 Nowhere/City is no time of day: Invalid time zone specified: Nowhere/City',
    )
  })
})

describe('pg:copy', () => {
  it('replaces the data of one database by that of another', async () => {
    const held = await captured()
    await platform.api('POST', '/apps', {name: 'other'})
    await platform.run('addons:create heroku-postgresql:mini --name postgresql-round-1 --app other')
    const copy = 'pg:copy demo::DATABASE DATABASE --app other'
    held.text = 'production'
    expect((await platform.run(copy)).stderr).toContain('This command will remove all data from postgresql-round-1')
    const {stderr, exitCode} = await platform.run(`${copy} --confirm other`)
    expect(stderr).toBe(`Starting copy of ${database} to postgresql-round-1... done\nCopying... done\n`)
    expect(exitCode).toBe(0)
    expect([...platform.engine.data.values()].map(one => one.text)).toEqual(['production', 'production'])
    expect((await platform.run('pg:backups --app other')).stdout).toMatch(/c001 .*postgresql-cubed-12345 +postgresql-round-1/)
    expect(await files()).toHaveLength(1)
    expect((await platform.run('pg:copy DATABASE DATABASE --app other')).stderr).toContain('Cannot copy database onto itself')
  })
})

describe('pg:backups:verify', () => {
  it('restores a backup beside the data, shows how that went, and keeps nothing of it', async () => {
    const held = await captured()
    expect((await run('pg:backups')).stdout).not.toContain('Verifications')
    const {stdout, stderr} = await run('pg:backups:verify')
    expect([stdout, stderr]).toEqual(['Tables: 1\n', 'Verifying b001... done\n'])
    expect(held.text).toBe('rows of the server')
    const shown = (await run('pg:backups')).stdout.replace(time, 'then')
    expect(shown).toMatch(/=== Verifications\n\n.*\n.*\n +v002 +then +Completed then +\S+ +b001 +postgresql-cubed-12345\n/)
    expect((await run('pg:backups:info b001')).stdout).toContain('Verified:         Completed')
    expect(await files()).toHaveLength(1)
  })

  it('fails for one that cannot be restored, and says so from then on', async () => {
    const held = await captured()
    held.text = 'spoiled'
    await run('pg:backups:capture')
    const {exitCode, stderr} = await run('pg:backups:verify b002')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('The backup could not be restored: exit code 1.')])
    expect((await run('pg:backups:info b002')).stdout).toContain('Verified:         Failed')
  })

  it('is done by a schedule, once a week or after each', async () => {
    const {transfers, addons} = platform.runtime.services
    const addon = addons.get(database)
    const round = async (): Promise<string[]> => {
      transfers.capture(addon, transfers.schedules.list(addon.id)[0]?.id)
      await transfers.idle()
      await transfers.idle()
      return transfers.list(addon.appId).map(one => `${one.kind} ${one.num}`)
    }
    const schedule = (verify: string): Promise<CommandResult> =>
      platform.run(['pg:backups:schedule', '--at', '02:00', '--verify', verify, '--app', 'demo'])
    await schedule('never')
    expect(await round()).toEqual(['backup 1'])
    await schedule('weekly')
    expect((await round()).slice(0, 2)).toEqual(['verify 3', 'backup 2'])
    expect((await round())[0]).toBe('backup 4')
    platform.runtime.store.run("UPDATE transfers SET created_at = '2020-01-01T00:00:00.000Z' WHERE kind = 'verify'")
    expect((await round())[0]).toBe('verify 6')
    await schedule('daily')
    expect((await round())[0]).toBe('verify 8')
    expect((await run('pg:backups:schedules')).stdout.replace(time, 'then')).toBe(
      '=== Backup Schedules\n\nDATABASE_URL: daily at 2:00 UTC\nLast verified: a007, Completed then\n',
    )
  })

  it('finds another server when that of the backup is gone', async () => {
    await captured()
    await platform.run(`addons:destroy ${database} --confirm demo`)
    expect((await run('pg:backups:verify')).stderr).toContain('The database of this backup is gone.')
    await platform.run('addons:create heroku-postgresql:mini --name postgresql-round-1 --app demo')
    expect((await run('pg:backups:verify --on DATABASE_URL')).exitCode).toBe(0)
  })
})

describe('pg:backups:store', () => {
  const keys = {env: {AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER'}}

  it('sends new backups to a bucket, restores old ones from where they are, and removes them there', async () => {
    await using s3 = await startS3()
    const objects = async (): Promise<number> =>
      (await readdir(join(s3.directory, s3.bucket), {recursive: true})).filter(name => name.endsWith('.dump._S3rver_object')).length
    const held = await captured()
    expect((await platform.run('pg:backups:store')).stdout).toBe('Store: local\n')
    const refused = await platform.run(`pg:backups:store s3://backups --endpoint ${s3.endpoint}`, {env: {AWS_ACCESS_KEY_ID: undefined}})
    expect(refused.stderr).toContain('A bucket needs an access key and its secret.')
    const {stdout, stderr} = await platform.run(`pg:backups:store s3://backups --endpoint ${s3.endpoint}`, keys)
    expect(stdout).toBe(`Store:      s3://backups\nEndpoint:   ${s3.endpoint}\nAccess key: S3RVER\n`)
    expect(stderr).toBe('Storing new backups in s3://backups... done\n')
    held.text = 'in the bucket'
    await run('pg:backups:capture')
    expect([await files(), await objects()]).toEqual([[expect.any(String)], 1])
    expect((await run('pg:backups:info b002')).stdout).toContain(`Store:            s3://backups at ${s3.endpoint}`)
    held.text = 'lost'
    await run('pg:backups:restore b002 DATABASE_URL --confirm demo')
    expect(held.text).toBe('in the bucket')
    await platform.run('pg:backups:store local')
    await run('pg:backups:restore b001 DATABASE_URL --confirm demo')
    expect(held.text).toBe('rows of the server')
    expect((await run(`pg:backups:download b002 --output ${join(folder, 'dump')}`)).exitCode).toBe(0)
    expect(await readFile(join(folder, 'dump'), 'utf8')).toBe('PGDMPin the bucket')
    await run('pg:backups:delete b002 --confirm demo')
    expect(await objects()).toBe(0)
  })

  it('that is out of reach fails a capture, and is told later of what was deleted', async () => {
    const s3 = await startS3()
    await platform.run(`pg:backups:store s3://backups --endpoint ${s3.endpoint}`, keys)
    await captured()
    await s3.close()
    const failed = await run('pg:backups:capture')
    expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
    await run('pg:backups:delete b001 --confirm demo')
    expect((await run('pg:backups')).stdout).not.toContain('b001')
    expect(platform.runtime.store.all('SELECT store FROM transfer_leftovers')).toContainEqual({store: `s3://backups at ${s3.endpoint}`})
    await s3[Symbol.asyncDispose]()
  })
})

it('an app that is destroyed takes its backups with it', async () => {
  await captured()
  await run('apps:destroy --confirm demo')
  expect(await files()).toEqual([])
})
