import {spawn} from 'node:child_process'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {eventually} from '../support/eventually.js'
import {nodeManifest} from '../support/node-app.js'
import {World} from '../support/world.js'

const files = {
  'package.json': nodeManifest(),
  Procfile: 'web: node index.js\n',
  'index.js': `require('http').createServer((q, r) => r.end('one')).listen(process.env.PORT)\n`,
}

describe('git push', () => {
  let world: World
  let folder: string

  beforeAll(async () => {
    world = await World.start()
    folder = await world.project('a demo', files)
    await world.ok('create demo-git', folder)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('of another branch is stored and not built', async () => {
    const pushed = await world.push(folder, 'main:topic')
    expect(pushed.stderr).toContain('remote: Pushed to non-main branch, skipping build.')
    expect(pushed.exitCode).toBe(0)
    expect(await world.json<unknown[]>('releases', folder)).toHaveLength(2)
  })

  it('to main builds with the credentials that create set up, and says so when nothing is new', async () => {
    expect((await world.push(folder)).exitCode).toBe(0)
    await world.answers('demo-git', 'one')
    expect((await world.push(folder)).stderr).toContain('Everything up-to-date')
  })

  it('twice at once queues the builds, and the app ends with one of them', async () => {
    const clones = await Promise.all(
      ['two', 'three'].map(async name => {
        const clone = `${world.directory}/clone ${name}`
        await world.exec('git', ['clone', '--quiet', folder, clone], world.directory)
        await world.ok('git:remote --app demo-git', clone)
        await world.write(clone, {'index.js': files['index.js'].replace('one', name)})
        await world.commit(clone, name)
        return {clone, name}
      }),
    )
    const pushes = await Promise.all(clones.map(({clone}) => world.push(clone)))
    const winner = clones.filter((_, index) => pushes[index]?.exitCode === 0).at(0)
    expect(pushes.map(push => push.exitCode).sort()).toEqual([0, 1])
    expect(pushes.map(push => push.stderr).join('')).toContain('Another push has moved main meanwhile')
    const refs = await world.exec('git', ['ls-remote', 'hokku', 'main'], folder)
    const head = await world.exec('git', ['rev-parse', 'HEAD'], winner?.clone as string)
    expect(refs.stdout.split('\t')[0]).toBe(head.stdout.trim())
    await world.answers('demo-git', winner?.name as string)
  })

  it('to the path of the repository builds too, and starts the runtime when it is away', async () => {
    await world.exec('git', ['pull', '--quiet', '--rebase', 'hokku', 'main'], folder)
    await world.write(folder, {'index.js': files['index.js'].replace('one', 'by path')})
    await world.commit(folder, 'by path')
    await world.ok('runtime:stop')
    const pushed = await world.exec('git', ['push', `${world.env['HOKKU_HOME']}/git/demo-git.git`, 'main'], folder)
    expect(pushed.stderr).toContain('remote: -----> Node.js app detected')
    expect(pushed.exitCode).toBe(0)
    await world.answers('demo-git', 'by path')
  })

  it('whose client leaves goes on: the build is released, and the branch moves', async () => {
    const away = await world.project('away', {...files, 'package.json': nodeManifest({scripts: {build: 'sleep 5'}})})
    await world.ok('create demo-away', away)
    const child = spawn('git', ['push', 'hokku', 'main'], {cwd: away, env: world.env, stdio: ['ignore', 'ignore', 'pipe']})
    let said = ''
    child.stderr.on('data', data => {
      said += data
    })
    await eventually(() => expect(said).toContain('app detected'), 120_000)
    child.kill('SIGKILL')
    await world.answers('demo-away', 'one')
    const head = (await world.exec('git', ['rev-parse', 'HEAD'], away)).stdout.trim()
    await eventually(async () => expect((await world.exec('git', ['ls-remote', 'hokku', 'main'], away)).stdout).toContain(head), 30_000)
  })

  it('brings submodules with it, and names the one that it cannot get', async () => {
    const library = await world.project('library', {'name.js': `module.exports = 'from the library'\n`})
    await world.ok('create demo-library', library)
    await world.push(library, 'main:topic')
    const commit = (await world.exec('git', ['rev-parse', 'HEAD'], library)).stdout.trim()
    const server = `require('http').createServer((q, r) => r.end(require('./lib/name.js'))).listen(process.env.PORT)\n`
    const modules = (url: string): string => `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n`
    const app = await world.project('with submodule', {...files, 'index.js': server, '.gitmodules': modules('../demo-library.git')})
    await world.exec('git', ['update-index', '--add', '--cacheinfo', `160000,${commit},lib`], app)
    await world.exec('git', ['commit', '-q', '-m', 'with a submodule'], app)
    await world.ok('create demo-modules', app)
    const pushed = await world.push(app)
    expect(pushed.stderr).toContain("remote:        Submodule 'lib' (../demo-library.git) registered for path 'lib'")
    await world.answers('demo-modules', 'from the library')
    await world.write(app, {'.gitmodules': modules('https://me:s3cret@127.0.0.1:1/lib.git')})
    await world.exec('git', ['add', '.gitmodules'], app)
    await world.exec('git', ['update-index', '--cacheinfo', `160000,${'1'.repeat(40)},lib`], app)
    await world.exec('git', ['commit', '-q', '-m', 'lost'], app)
    const lost = await world.push(app)
    expect(lost.stderr).toContain("The submodule 'lib' (https://127.0.0.1:1/lib.git) at lib could not be fetched:")
    expect(lost.stderr).toContain('Push rejected, submodule install failed.')
    expect(lost.stderr).not.toContain('s3cret')
    expect(lost.exitCode).toBe(1)
  })

  it('without the right token is refused', async () => {
    const {url} = await world.json<{url: string}>('runtime:status')
    const pushed = await world.exec('git', ['push', `${url.replace('//', '//x:wrong@')}/demo-git.git`, 'main'], folder)
    expect(pushed.exitCode).not.toBe(0)
    expect(pushed.stderr).toContain('Authentication failed')
  })

  it('can be fetched again', async () => {
    const cloned = await world.hokku('git:clone --app demo-git', world.directory)
    expect(cloned.exitCode).toBe(0)
    expect((await world.exec('git', ['log', '--oneline'], `${world.directory}/demo-git`)).stdout).toMatch(/first/)
  })
})
