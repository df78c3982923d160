import {randomUUID} from 'node:crypto'
import {connect} from 'node:net'
import {Readable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import Dockerode from 'dockerode'
import {pack} from 'tar-stream'
import {locateDocker} from '../src/lib/engine/docker/locate.js'

/** A container of a floor: what the row's own does, and nothing else. */
export interface BareContainer {
  image: string
  command: string[]
  env?: Record<string, string>
  user?: string
  /** `source:target[:ro]` */
  binds?: string[]
}

const label = 'hokku.bench'
const port = 5000

/** Docker by a plain script, for the floors. Everything it makes carries one label and one tag prefix; `close` removes it. */
export class Bare {
  readonly run = randomUUID().slice(0, 8)
  private readonly images: string[] = []
  private network: Promise<string> | undefined

  private constructor(private readonly docker: Dockerode) {}

  static connect(): Bare {
    const [endpoint] = locateDocker({env: process.env, platform: process.platform, homeDirectory: process.env['HOME'] ?? '/'}).candidates
    if (endpoint === undefined) throw new Error('Docker was not found.')
    return new Bare(new Dockerode(endpoint.options as Dockerode.DockerOptions))
  }

  /** Builds by BuildKit what `files` hold; the tag's name. */
  async build(name: string, files: Record<string, string | Buffer>): Promise<string> {
    const tag = this.tag(name)
    const tar = pack()
    for (const [path, content] of Object.entries(files)) tar.entry({name: path}, content)
    tar.finalize()
    const options: Dockerode.ImageBuildOptions = {version: '2', t: tag, labels: {[label]: this.run}}
    const progress = await this.docker.buildImage(Readable.from(tar), options)
    await new Promise<void>((resolve, reject) =>
      this.docker.modem.followProgress(progress, (error, lines: {error?: string}[] = []) => {
        const said = error?.message ?? lines.find(line => line.error !== undefined)?.error
        if (said === undefined) resolve()
        else reject(new Error(said))
      }),
    )
    return tag
  }

  /** Another name for an image, so that it outlives what names it now. */
  async keep(image: string, name: string): Promise<string> {
    await this.docker.getImage(image).tag({repo: this.tag(name), tag: 'latest'})
    return this.tag(name)
  }

  /** Creates and starts it, and resolves when it listens, or when its first page has that text; the result removes it. */
  async listening(container: BareContainer, page?: string): Promise<() => Promise<void>> {
    const created = await this.create(container, await this.ownNetwork())
    await created.start()
    const {NetworkSettings} = await created.inspect()
    const address = Object.values(NetworkSettings.Networks)[0]?.IPAddress
    const deadline = performance.now() + 120_000
    while (!(await (page === undefined ? accepts(address!) : answers(address!, page)))) {
      if (performance.now() > deadline)
        throw new Error(`${container.image} does not answer: ${await created.logs({stdout: true, stderr: true})}`)
      await sleep(5)
    }
    return async () => await created.remove({force: true})
  }

  /** Runs it to its end on the default network. Throws with its output when it does not end with 0. */
  async toTheEnd(container: BareContainer): Promise<() => Promise<void>> {
    const created = await this.create(container, 'bridge')
    const ended = created.wait({condition: 'next-exit'}) as Promise<{StatusCode: number}>
    await created.start()
    const {StatusCode} = await ended
    if (StatusCode !== 0) throw new Error(`${container.command.join(' ')}: ${await created.logs({stdout: true, stderr: true})}`)
    return async () => await created.remove({force: true})
  }

  /** The image of that repository whose layers `image` is built upon. */
  async basedOn(image: string, repository: string): Promise<string> {
    const layers = await this.layers(image)
    const all = await this.docker.listImages({filters: {reference: [repository]}})
    for (const {RepoTags} of all) {
      const [tag] = RepoTags ?? []
      if (tag === undefined) continue
      const below = await this.layers(tag)
      if (below.every((layer, index) => layers[index] === layer)) return tag
    }
    throw new Error(`No ${repository} below ${image}.`)
  }

  async close(): Promise<void> {
    const filters = {label: [`${label}=${this.run}`]}
    for (const {Id} of await this.docker.listContainers({all: true, filters})) await this.docker.getContainer(Id).remove({force: true})
    for (const {Id} of await this.docker.listNetworks({filters})) await this.docker.getNetwork(Id).remove()
    const volumes = await this.docker.listVolumes({filters: JSON.stringify(filters) as never})
    for (const {Name} of volumes.Volumes ?? []) await this.docker.getVolume(Name).remove()
    for (const {Id} of await this.docker.listImages({all: false, filters})) await this.docker.getImage(Id).remove({force: true})
    for (const tag of this.images)
      await this.docker
        .getImage(tag)
        .remove({force: true})
        .catch(() => undefined)
  }

  /** A volume of this run. */
  async volume(name: string): Promise<string> {
    const {Name} = (await this.docker.createVolume({Name: `hokku-bench-${this.run}-${name}`, Labels: {[label]: this.run}})) as {
      Name: string
    }
    return Name
  }

  private tag(name: string): string {
    const tag = `hokku-bench-${this.run}/${name}`
    if (!this.images.includes(tag)) this.images.push(tag)
    return tag
  }

  private async layers(image: string): Promise<string[]> {
    return (await this.docker.getImage(image).inspect()).RootFS.Layers ?? []
  }

  private create({image, command, env = {}, user, binds = []}: BareContainer, network: string): Promise<Dockerode.Container> {
    return this.docker.createContainer({
      Image: image,
      Cmd: command,
      Env: Object.entries({PORT: String(port), ...env}).map(([key, value]) => `${key}=${value}`),
      Labels: {[label]: this.run},
      WorkingDir: '/app',
      ...(user !== undefined && {User: user}),
      HostConfig: {NetworkMode: network, Binds: binds},
    })
  }

  /** Dynos are on a network of their app's own; so are the floors. */
  private ownNetwork(): Promise<string> {
    const make = async (): Promise<string> =>
      (await this.docker.createNetwork({Name: `hokku-bench-${this.run}`, Labels: {[label]: this.run}})).id
    this.network ??= make()
    return this.network
  }
}

async function answers(address: string, page: string): Promise<boolean> {
  const answer = await fetch(`http://${address}:${port}/`).catch(() => undefined)
  return (await answer?.text().catch(() => ''))?.includes(page) === true
}

function accepts(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({host: address, port})
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
