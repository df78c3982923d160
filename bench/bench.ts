import {World} from '../test/support/world.js'
import {Bare} from './bare.js'
import {ExpressApp} from './express-app.js'

/** What rows share: made when first asked for, removed by `close`. */
export class Bench {
  private bareMade: Bare | undefined
  private readonly worlds: Promise<World>[] = []
  private mainApp: Promise<{world: World; app: ExpressApp}> | undefined

  constructor(
    /** Of a row that takes seconds; quick rows take more. */
    readonly rounds: number,
  ) {}

  get bare(): Bare {
    this.bareMade ??= Bare.connect()
    return this.bareMade
  }

  /**
   * A home of its own with the runtime up. Its commands run without NODE_EXTRA_CA_CERTS, as most people's do; the runtime has it, since
   * builds may need it.
   */
  world(prepare: (world: World) => Promise<void> = async () => undefined): Promise<World> {
    const making = (async () => {
      const world = await World.start()
      await prepare(world)
      await world.ok('apps')
      delete world.env['NODE_EXTRA_CA_CERTS']
      return world
    })()
    this.worlds.push(making)
    return making
  }

  /** A home with an Express app that answers. */
  app(): Promise<{world: World; app: ExpressApp}> {
    this.mainApp ??= (async () => {
      const world = await this.world()
      const app = await ExpressApp.create(world, 'bench')
      await app.push(await app.change())
      return {world, app}
    })()
    return this.mainApp
  }

  async close(): Promise<void> {
    for (const made of await Promise.allSettled(this.worlds)) if (made.status === 'fulfilled') await made.value[Symbol.asyncDispose]()
    await this.bareMade?.close()
  }
}
