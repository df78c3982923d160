import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {App} from '../../../../src/lib/schema/resources.js'
import {startTestPlatform} from '../../../support/platform.js'
import {workRepository} from '../../../support/repository.js'

describe('apps:create', () => {
  it('names the app that was asked for and prints where it is', async () => {
    await using platform = await startTestPlatform()
    const result = await platform.run('create demo')
    const app = await platform.api<App>('GET', '/apps/demo')
    expect(result).toEqual({exitCode: 0, stdout: `${app.web_url} | ${app.git_url}\n`, stderr: 'Creating demo... done\n'})
  })

  it('tells the name it was given when none was asked for', async () => {
    await using platform = await startTestPlatform()
    const {stderr} = await platform.run('apps:create')
    const [app] = await platform.api<App[]>('GET', '/apps')
    expect(stderr).toBe(`Creating app... done, ${app?.name}\n`)
  })

  it('does not read its name from a piped stdin', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create', {stdin: 'piped\n'})
    expect((await platform.api<App[]>('GET', '/apps')).map(app => app.name)).not.toContain('piped')
  })

  it('adds a remote and a credential helper for our host alone, in the repository only', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo', {cwd: repo.directory})
    const app = await platform.api<App>('GET', '/apps/demo')
    expect(repo.git('remote', 'get-url', 'hokku').trim()).toBe(app.git_url)
    const {origin} = new URL(app.git_url)
    const helpers = repo.git('config', '--local', '--get-all', `credential.${origin}.helper`).split('\n')
    expect(helpers[0]).toBe('')
    expect(helpers).toHaveLength(3)
    const ask = (pid: number): string => {
      writeFileSync(platform.home.pid, String(pid))
      return execFileSync('git', ['credential', 'fill'], {
        cwd: repo.directory,
        input: `protocol=http\nhost=${new URL(origin).host}\n\n`,
        env: {PATH: process.env['PATH'] ?? '', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', HOME: repo.directory},
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString()
    }
    expect(ask(process.pid)).toContain(`username=hokku\npassword=${platform.runtime.services.token}\n`)
    expect(() => ask(2 ** 22 + 1)).toThrow()
  })

  it('leaves a remote alone that leads elsewhere, and says so', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    repo.git('remote', 'add', 'hokku', 'https://example.com/x.git')
    const {stderr, exitCode} = await platform.run('create demo', {cwd: repo.directory})
    expect(exitCode).toBe(0)
    expect(stderr).toContain('The git remote hokku leads to https://example.com/x.git and was not changed.')
    expect(repo.git('remote', 'get-url', 'hokku').trim()).toBe('https://example.com/x.git')
  })

  it('sets up what heroku.yml says with --manifest, on the container stack', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    const setup = 'setup:\n  addons:\n    - plan: heroku-redis:mini\n      as: JOBS\n  config:\n    VERSION: 1.10\n'
    writeFileSync(join(repo.directory, 'heroku.yml'), `${setup}build:\n  docker:\n    web: Dockerfile\n  languages: [ruby]\n`)
    const {stderr, exitCode} = await platform.run('create demo --manifest', {cwd: repo.directory})
    expect(exitCode).toBe(0)
    expect(stderr).toContain('Reading heroku.yml manifest... done\n')
    expect(stderr).toContain('heroku.yml:10:14 build.languages: not a key of heroku.yml, ignored')
    expect(stderr).toContain('Creating demo... done, stack is container\nAdding heroku-redis:mini... done\nSetting config vars... done\n')
    expect((await platform.api<App>('GET', '/apps/demo')).stack.name).toBe('container')
    expect(await platform.api('GET', '/apps/demo/config-vars')).toMatchObject({VERSION: '1.10'})
    expect(await platform.api('GET', '/apps/demo/addon-attachments')).toMatchObject([{name: 'JOBS'}])
  })

  it('makes no app when heroku.yml is missing or wrong', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    expect((await platform.run('create demo -m', {cwd: repo.directory})).stderr).toContain('There is no heroku.yml in')
    writeFileSync(join(repo.directory, 'heroku.yml'), 'setup: []\nbuild: 1\n')
    const {stderr, exitCode} = await platform.run('create demo -m', {cwd: repo.directory})
    expect([exitCode, stderr.match(/heroku\.yml:\d+:\d+/g)]).toEqual([1, ['heroku.yml:1:8', 'heroku.yml:2:8']])
    expect(await platform.api('GET', '/apps')).toEqual([])
  })

  it("fails with the platform's words when the name is taken", async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo')
    const result = await platform.run('create demo')
    expect(result).toMatchObject({exitCode: 1, stdout: ''})
    expect(result.stderr).toMatch(/^Creating demo\.\.\. !\n › {3}Error: .+\n ›\n › {3}Error ID: invalid_params\n$/)
  })
})

describe('which app', () => {
  it('is the one whose remote the repository has', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo', {cwd: repo.directory})
    expect((await platform.run('config', {cwd: repo.directory})).stdout).toBe('demo has no config vars.\n')
  })

  it('is an error that lists the choices when there are several, and --remote decides', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo', {cwd: repo.directory})
    await platform.run('create demo2 --remote staging', {cwd: repo.directory})
    const several = await platform.run('config', {cwd: repo.directory})
    expect(several.exitCode).toBe(1)
    expect(several.stderr).toContain('demo (hokku)\n ›   demo2 (staging)\n')
    expect((await platform.run('config -r staging', {cwd: repo.directory})).stdout).toBe('demo2 has no config vars.\n')
    expect((await platform.run('config', {cwd: repo.directory, env: {HEROKU_APP: 'demo'}})).stdout).toBe('demo has no config vars.\n')
  })

  it('is a usage error when nothing tells', async () => {
    await using platform = await startTestPlatform()
    expect((await platform.run('config')).exitCode).toBe(2)
  })
})

describe('apps', () => {
  it("lists names, and the API's JSON with --json", async () => {
    await using platform = await startTestPlatform()
    expect((await platform.run('apps')).stdout).toBe('You have no apps.\n')
    await platform.run('create zulu -n')
    await platform.run('create alpha -n')
    expect((await platform.run('apps')).stdout).toMatch(/^=== \S+ Apps\n\nalpha.*\nzulu.*\n\n$/)
    expect(JSON.parse((await platform.run('apps --json')).stdout)).toEqual(await platform.api('GET', '/users/~/apps'))
  })

  it('shows one app', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const {stdout} = await platform.run('info -a demo')
    expect(stdout).toMatch(/^=== demo\n\nAuto Cert Mgmt: false\nGit URL: {8}http:/)
    expect(stdout).toContain('\nStack:          heroku-24\n')
    const {app} = JSON.parse((await platform.run('apps:info -j -a demo')).stdout)
    expect(app).toEqual(await platform.api('GET', '/apps/demo'))
  })

  it('says not_found as the platform does, and as JSON with --json', async () => {
    await using platform = await startTestPlatform()
    expect(await platform.run('info -a nope')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: " ›   Error: Couldn't find that app.\n ›\n ›   Error ID: not_found\n",
    })
    const json = await platform.run('info -a nope --json')
    expect(JSON.parse(json.stdout)).toEqual({id: 'not_found', message: "Couldn't find that app."})
    expect(json).toMatchObject({exitCode: 1, stderr: ''})
  })
})

describe('apps:rename', () => {
  it('renames the app and the remotes that led to it', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo', {cwd: repo.directory})
    const {stdout} = await platform.run('rename other', {cwd: repo.directory})
    expect(stdout).toMatch(/\/other\.git\nGit remote hokku updated\n$/)
    expect(repo.git('remote', 'get-url', 'hokku')).toContain('/other.git')
    await expect(platform.api('GET', '/apps/demo')).rejects.toThrow('404')
  })
})

describe('apps:destroy', () => {
  it('asks for --confirm where there is no terminal, and destroys nothing', async () => {
    await using platform = await startTestPlatform()
    await platform.run('create demo -n')
    const result = await platform.run('destroy -a demo')
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toContain('To proceed, re-run this command with --confirm demo.')
    const wrong = await platform.run('destroy -a demo --confirm demo2')
    expect(wrong).toMatchObject({exitCode: 1, stderr: ' ›   Error: Confirmation demo2 did not match demo. Aborted.\n'})
    expect(await platform.api<App>('GET', '/apps/demo')).toMatchObject({name: 'demo'})
  })

  it('destroys the app and removes the remotes that led to it', async () => {
    await using platform = await startTestPlatform()
    await using repo = await workRepository()
    await platform.run('create demo', {cwd: repo.directory})
    const result = await platform.run('apps:destroy --confirm demo', {cwd: repo.directory})
    expect(result).toEqual({exitCode: 0, stdout: '', stderr: 'Destroying demo (including all add-ons)... done\n'})
    expect(repo.git('remote')).toBe('')
  })
})

describe('the command line', () => {
  it('exits 2 on a bad flag, and prints only the error with --json', async () => {
    await using platform = await startTestPlatform()
    expect(await platform.run('apps --nope')).toMatchObject({exitCode: 2, stdout: ''})
    const {stdout, ...rest} = await platform.run('apps --nope --json')
    expect(rest).toEqual({exitCode: 2, stderr: ''})
    expect(Object.keys(JSON.parse(stdout))).toEqual(['id', 'message'])
  })

  it('takes spaces for colons', async () => {
    await using platform = await startTestPlatform()
    await platform.run('apps create demo -n')
    expect(await platform.api<App>('GET', '/apps/demo')).toMatchObject({name: 'demo'})
  })

  it('suggests what was meant by an unknown command', async () => {
    await using platform = await startTestPlatform()
    const result = await platform.run('confg -a demo')
    expect(result).toMatchObject({exitCode: 127, stdout: ''})
    expect(result.stderr).toContain('confg is not a hokku command. Did you mean config?')
  })
})
