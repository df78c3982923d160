import {createReadStream, existsSync, readdirSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import type {Engine} from '../../engine/engine.js'
import type {Home} from '../../schema/home.js'
import type {RestoreState} from '../../schema/platform-backup.js'
import type {RuntimeLog} from '../support/runtime-log.js'

/** Declared here, done by the add-ons. */
export interface RestoredAddons {
  /** The name of an add-on by its id; undefined when there is none. */
  nameOf(addonId: string): string | undefined
  /** Whether this engine has a volume of that add-on. */
  hasData(addonId: string): Promise<boolean>
  /** Fills the volume of an add-on, which is made if need be. */
  takeData(addonId: string, tar: Readable): Promise<void>
}

export interface RestoreDeps {
  engine: Engine
  home: Home
  addons: RestoredAddons
  log: RuntimeLog
}

/**
 * Gives the engine what a platform backup had for it, before anything of the home starts: `images.tar` and `volumes/ADDON.tar` in the home's
 * folder `restore`. A file goes once the engine has its content, so that a killed runtime's successor goes on; data that the engine has
 * already is never written over.
 */
export class Restore {
  private readonly restored: string[] = []
  private readonly kept: string[] = []
  private problem: string | null = null
  private running: Promise<void> | undefined

  constructor(private readonly deps: RestoreDeps) {}

  state(): RestoreState {
    return {pending: existsSync(this.deps.home.restore), problem: this.problem, restored: this.restored, kept: this.kept}
  }

  /** Resolves when there is nothing left to do. Throws why it cannot go on; call it again then. Whoever asks meanwhile waits for the same. */
  finish(): Promise<void> {
    this.running ??= this.goOn().finally(() => {
      this.running = undefined
    })
    return this.running
  }

  private async goOn(): Promise<void> {
    const {home} = this.deps
    if (!existsSync(home.restore)) return
    try {
      await this.loadImages(join(home.restore, 'images.tar'))
      const volumes = join(home.restore, 'volumes')
      const names = existsSync(volumes) ? readdirSync(volumes).filter(name => name.endsWith('.tar')) : []
      for (const name of names) await this.fill(name.slice(0, -'.tar'.length), join(volumes, name))
      await rm(home.restore, {recursive: true, force: true})
      this.problem = null
    } catch (error) {
      this.problem = (error as Error).message
      throw error
    }
  }

  private async loadImages(path: string): Promise<void> {
    if (!existsSync(path)) return
    await this.deps.engine.loadImages(createReadStream(path))
    await rm(path)
  }

  private async fill(addonId: string, path: string): Promise<void> {
    const {addons, log} = this.deps
    const name = addons.nameOf(addonId)
    // Says that a volume which is there was begun by us.
    const mark = `${path}.begun`
    if (name === undefined) log.info('data of an unknown add-on is not restored', {addon: addonId})
    else if (!existsSync(mark) && (await addons.hasData(addonId))) this.kept.push(name)
    else {
      await writeFile(mark, '')
      await addons.takeData(addonId, createReadStream(path))
      this.restored.push(name)
    }
    await rm(path)
    await rm(mark, {force: true})
  }
}
