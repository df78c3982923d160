import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {CommandError, usageError} from '../../lib/cli/command-error.js'
import {needContainerStack} from '../../lib/cli/container-stack.js'
import {dockerFiles, dockerSource, findDockerfiles} from '../../lib/cli/docker-source.js'
import {appFlags} from '../../lib/cli/flags.js'
import {followBuild} from '../../lib/cli/follow-build.js'
import {tarballWith} from '../../lib/cli/source-tarball.js'
import type {ImagePush} from '../../lib/client/container-images.js'
import type {Platform} from '../../lib/client/platform.js'

export default class ContainerPush extends BaseCommand {
  static override description = `builds, then pushes Docker images to deploy your app
They are kept until container:release takes them. With --image an image that exists is taken as it is.`
  static override usage = 'container:push PROCESS_TYPE... [FLAGS]'
  static override examples = [
    '<%= config.bin %> container:push web',
    '<%= config.bin %> container:push web worker --recursive',
    '<%= config.bin %> container:push web --arg ENV=live,HTTPS=on',
    '<%= config.bin %> container:push --recursive --context-path .',
    '<%= config.bin %> container:push web --image nginx:1.27',
  ]
  static override strict = false
  static override flags = {
    ...appFlags,
    arg: string({description: 'set build-time variables'}),
    'context-path': string({description: 'path to use as build context (defaults to Dockerfile dir)'}),
    image: string({
      description: 'image to take instead of a Dockerfile, from Docker or else from a registry',
      exclusive: ['arg', 'context-path', 'recursive'],
    }),
    recursive: boolean({char: 'R', description: 'pushes Dockerfile.<process> found in current and subdirectories'}),
    verbose: boolean({char: 'v', hidden: true, description: 'has no effect: the output is always whole'}),
  }

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(ContainerPush)
    const types = argv as string[]
    if (types.length === 0 && !flags.recursive) throw usageError('Requires either --recursive or one or more process types')
    if (types.length > 1 && !flags.recursive) throw usageError('Requires exactly one target process type, or --recursive option')
    const {platform, app} = await this.target(flags)
    await needContainerStack(platform, this.ui, app, 'push')
    const push =
      flags.image === undefined
        ? await this.upload(platform, types, flags)
        : {images: types.map(type => ({type, image: flags.image as string}))}
    const build = await platform.containerImages.push(app, push)
    const finished = await followBuild(platform, app, build, text => this.ui.options.stdout.write(text))
    if (finished.status !== 'succeeded') throw new CommandError('The build failed: nothing was pushed.', {id: 'build_failed'})
    const [images, them] = push.images.length === 1 ? ['image has', 'it'] : ['images have', 'them']
    this.ui.log(`Your ${images} been successfully pushed. You can now release ${them} with the 'container:release' command.`)
  }

  private async upload(
    platform: Platform,
    types: string[],
    flags: {recursive: boolean; arg?: string | undefined; 'context-path'?: string | undefined},
  ): Promise<ImagePush> {
    const directory = process.cwd()
    const dockerfiles = await findDockerfiles(directory, types, flags.recursive)
    for (const type of types) if (!dockerfiles.some(one => one.type === type)) this.ui.warn(`Dockerfile.${type} not found`)
    if (dockerfiles.length === 0) throw new CommandError('No images to push')
    const source = dockerSource(directory, dockerfiles, flags['context-path'])
    const place = await platform.builds.createSource()
    await this.ui.action('Uploading source', async () =>
      platform.builds.upload(place, await tarballWith(source.root, await dockerFiles(source))),
    )
    return {source_blob: {url: place.source_blob.get_url}, images: source.jobs, args: buildArgs(flags.arg)}
  }
}

/** `ENV=live,HTTPS=on`; a name alone takes its value from the environment, as docker build does. */
function buildArgs(flag: string | undefined): Record<string, string> {
  const parts = (flag ?? '').split(',').filter(Boolean)
  return Object.fromEntries(
    parts.flatMap(part => {
      const at = part.indexOf('=')
      if (at > 0) return [[part.slice(0, at), part.slice(at + 1)]]
      const value = process.env[part]
      return value === undefined ? [] : [[part, value]]
    }),
  )
}
