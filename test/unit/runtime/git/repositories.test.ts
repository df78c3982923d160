import {mkdtemp, readFile, readlink, rm, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {Repositories} from '../../../../src/lib/runtime/git/repositories.js'

const apps = ['one', 'two'].map(name => ({id: `id-of-${name}`, name}))

/** A directory with the repositories of two apps, to which the last runtime's hooks lead. */
async function made() {
  const directory = await mkdtemp(join(tmpdir(), 'hk-'))
  const runtime = (command: string) => new Repositories(directory, {command: [command], socket: '/s', home: '/h'})
  const first = runtime('/old')
  for (const app of apps) await first.link(app)
  await first.refresh(apps)
  const hook = (id: string): string => join(directory, `${id}.git`, 'hooks', 'pre-receive')
  return {
    runtime,
    /** Rewritten files are other files. */
    hooks: () => Promise.all(apps.map(async ({id}) => (await stat(hook(id))).ino)),
    commands: () => Promise.all(apps.map(async ({id}) => (await readFile(hook(id), 'utf8')).match(/exec '([^']*)'/)?.[1])),
    link: (name: string) => join(directory, `${name}.git`),
    [Symbol.asyncDispose]: () => rm(directory, {recursive: true}),
  }
}

it('a start writes to no repository whose hook leads to this runtime already', async () => {
  await using at = await made()
  const before = await at.hooks()
  await at.runtime('/old').refresh(apps)
  expect(await at.hooks()).toEqual(before)
})

it('a runtime at another place, or one that was killed half-way, rewrites all hooks', async () => {
  await using at = await made()
  await at.runtime('/new').refresh(apps)
  expect(await at.commands()).toEqual(['/new', '/new'])
  // Killed after the first app: nothing says yet that the hooks lead there.
  await at.runtime('/newer').link(apps[0]!)
  await at.runtime('/newer').refresh(apps)
  expect(await at.commands()).toEqual(['/newer', '/newer'])
})

it('a start mends the link that a killed rename did not make', async () => {
  await using at = await made()
  const renamed = [{...apps[0]!, name: 'renamed'}, apps[1]!]
  await at.runtime('/old').refresh(renamed)
  expect(await readlink(at.link('renamed'))).toBe('id-of-one.git')
})

it('an app without a repository gets none before it is pushed to', async () => {
  await using at = await made()
  await at.runtime('/new').refresh([...apps, {id: 'id-of-three', name: 'three'}])
  await expect(stat(at.link('id-of-three'))).rejects.toThrow('ENOENT')
})
