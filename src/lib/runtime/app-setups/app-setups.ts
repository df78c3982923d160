import {createReadStream} from 'node:fs'
import {open} from 'node:fs/promises'
import {PlatformError} from '../../schema/errors.js'
import type {Addons} from '../addons/create-addons.js'
import type {AppRecord} from '../apps/app-record.js'
import type {Apps} from '../apps/apps.js'
import type {Builds} from '../builds/builds.js'
import type {Sources} from '../builds/sources.js'
import type {DynoManager} from '../dynos/dyno-manager.js'
import type {Formations} from '../formation/formations.js'
import type {Releases} from '../releases/releases.js'
import {tarSource} from '../slugs/source.js'
import {indexTar} from '../slugs/tar-index.js'
import type {RuntimeLog} from '../support/runtime-log.js'
import {type Overrides, planSetup, type SetupPlan} from './setup-plan.js'
import type {SetupChanges, SetupRecord, SetupTable} from './setup-table.js'

export interface SetupRequest {
  source: {url: string; version?: string}
  overrides: Overrides
  user: string
}

interface SetupDeps {
  addons: Addons
  apps: Apps
  builds: Builds
  dynos: DynoManager
  formations: Formations
  log: RuntimeLog
  releases: Releases
  sources: Sources
  table: SetupTable
  destroyApp(app: AppRecord): Promise<void>
}

/** The setup cannot go on; the message goes to whoever asked. */
class SetupFailure extends Error {
  constructor(readonly changes: SetupChanges) {
    super(changes.failureMessage)
  }
}

/** App setups: one for each app made from a source with an app.json. */
export class AppSetups {
  constructor(private readonly deps: SetupDeps) {}

  /** Begins the setup of an app that was just made; it goes on in the background. */
  start(app: AppRecord, request: SetupRequest): {setup: SetupRecord; finished: Promise<SetupRecord>} {
    const setup = this.deps.table.insert(app)
    return {setup, finished: this.work(app, setup, request)}
  }

  get(id: string): SetupRecord {
    const setup = this.deps.table.get(id)
    if (setup === undefined) throw new PlatformError('not_found', "Couldn't find that app setup.")
    return setup
  }

  /** What a killed runtime left cannot go on: its secrets and steps were in memory. */
  recover(): void {
    for (const setup of this.deps.table.pending())
      this.deps.table.update(setup.id, {
        status: 'failed',
        failureMessage: 'The runtime was stopped during the setup. Destroy the app and set it up again.',
      })
  }

  private async work(app: AppRecord, setup: SetupRecord, request: SetupRequest): Promise<SetupRecord> {
    const {table, log} = this.deps
    try {
      await this.steps(app, setup, request)
      return table.update(setup.id, {status: 'succeeded'})
    } catch (error) {
      if (!(error instanceof SetupFailure || error instanceof PlatformError)) log.error('app setup failed', {app: app.name, error})
      const changes = error instanceof SetupFailure ? error.changes : {failureMessage: (error as Error).message}
      if ((changes.manifestErrors ?? []).length > 0)
        await this.deps.destroyApp(app).catch(cause => log.error('app kept', {app: app.name, error: cause}))
      return table.update(setup.id, {...changes, status: 'failed'})
    }
  }

  /** budget: one step after the other, in Heroku's order. */
  private async steps(app: AppRecord, setup: SetupRecord, request: SetupRequest): Promise<void> {
    const {addons, apps, builds, releases, table} = this.deps
    const tar = await this.spool(setup, request.source.url)
    try {
      const [appJson, herokuYml] = [await readFileFrom(tar, 'app.json'), await readFileFrom(tar, 'heroku.yml')]
      const {plan, errors} = planSetup({appJson, herokuYml, stack: app.stack}, request.overrides)
      if (errors.length > 0) throw new SetupFailure({manifestErrors: errors, failureMessage: 'invalid app.json'})
      table.update(setup.id, {successUrl: plan.successUrl})
      apps.update(app.id, {buildpacks: plan.buildpacks, ...(plan.stack === undefined ? {} : {buildStack: plan.stack, stack: plan.stack})})
      await releases.changeConfig(app.id, plan.configVars, request.user)
      for (const addon of plan.addons) {
        const wanted = {plan: addon.plan, ...(addon.as && {attachment: addon.as}), ...(addon.options && {options: addon.options})}
        await addons.create(apps.resolve(app.id), wanted, request.user)
      }
      const {version} = request.source
      const source = {stream: createReadStream(tar)}
      const {build, finished} = await builds.start(apps.resolve(app.id), {
        source,
        layout: 'archive',
        user: request.user,
        ...(version === undefined ? {} : {version}),
      })
      table.update(setup.id, {buildId: build.id})
      const built = await finished
      if (built.status !== 'succeeded') throw new SetupFailure({failureMessage: 'build failed'})
      this.scale(app, plan, request.user)
      await this.postdeploy(app, setup, plan, request.user)
    } finally {
      await this.deps.sources.remove(tar)
    }
  }

  private async spool(setup: SetupRecord, url: string): Promise<string> {
    const {sources} = this.deps
    return await sources.spool(`setup-${setup.id}`, await sources.fetch(url, new AbortController().signal))
  }

  /** With a formation in app.json, types that it does not list get 0 (heroku-platform.md 1.3). */
  private scale(app: AppRecord, plan: SetupPlan, user: string): void {
    if (plan.formation.length === 0) return
    const listed = new Set(plan.formation.map(one => one.type))
    const existing = this.deps.formations.list(app.id)
    const rest = existing.filter(one => !listed.has(one.type)).map(one => ({type: one.type, quantity: 0}))
    const wanted = plan.formation.filter(one => existing.some(row => row.type === one.type)).map(one => ({quantity: 1, ...one}))
    this.deps.formations.scale(app.id, [...wanted, ...rest], user)
    void this.deps.dynos.converge(app.id, 'app setup').catch(error => this.deps.log.error('converge failed', {app: app.name, error}))
  }

  private async postdeploy(app: AppRecord, setup: SetupRecord, plan: SetupPlan, user: string): Promise<void> {
    if (plan.postdeploy === undefined) return
    const output: Buffer[] = []
    const {command, size} = plan.postdeploy
    const dyno = await this.deps.dynos.runOneOff({
      appId: app.id,
      command,
      type: 'postdeploy',
      user,
      log: true,
      onOutput: data => output.push(data),
      ...(size === undefined ? {} : {size}),
    })
    const exitCode = await dyno.ended
    const result = {output: Buffer.concat(output).toString('utf8'), exit_code: exitCode}
    this.deps.table.update(setup.id, {postdeploy: result})
    if (exitCode !== 0) throw new SetupFailure({failureMessage: `postdeploy command failed with exit code ${exitCode}`})
  }
}

async function readFileFrom(tar: string, name: string): Promise<string | undefined> {
  const file = await open(tar)
  try {
    return await tarSource(file, await indexTar(file, 'archive')).text(name)
  } finally {
    await file.close()
  }
}
