import {boolean, integer} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {jsonFlags} from '../../lib/cli/flags.js'
import {formatSize} from '../../lib/cli/formats/size.js'
import type {Collection} from '../../lib/schema/collection.js'

export default class BuildsPrune extends BaseCommand {
  static override description = `remove what no release needs any more
Old slugs of all apps, images that newer ones have replaced, build cache, uploads. The runtime does the same every hour. A release whose slug is gone is shown as expired: it cannot be rolled back to.`
  static override examples = ['<%= config.bin %> builds:prune --dry-run', '<%= config.bin %> builds:prune --keep 3 --all']
  static override enableJsonFlag = true
  static override flags = {
    ...jsonFlags,
    'dry-run': boolean({description: 'tell what would be removed, and remove nothing', default: false}),
    keep: integer({description: 'slugs to keep of each app, the newest ones (default: 10)', min: 1, max: 1000}),
    all: boolean({description: 'also remove build cache that was used in the last week', default: false}),
  }

  async run(): Promise<Collection> {
    const {flags} = await this.parse(BuildsPrune)
    const platform = await this.connect()
    const wanted = {
      dry_run: flags['dry-run'],
      cache: flags.all ? ('all' as const) : ('old' as const),
      ...(flags.keep && {keep: flags.keep}),
    }
    const found = await this.ui.action(flags['dry-run'] ? 'Looking for what nobody needs' : 'Pruning', () => platform.runtime.prune(wanted))
    if (!this.jsonEnabled()) this.show(found)
    return found
  }

  private show({cache, dry_run: dry, files, freed_bytes: freed, images, slugs, snapshots}: Collection): void {
    const {out} = this.ui
    for (const {app, releases, slug} of slugs) {
      const versions = releases.map(version => `v${version}`).join(', ') || `slug ${slug.slice(0, 8)}, which no release has`
      this.ui.log(`${out.app(app)}  ${versions}`)
    }
    for (const {id, kind, tags} of images) this.ui.log(`${kind} image  ${tags.join(', ') || id.slice(0, 19)}`)
    if (cache.records > 0) this.ui.log(`build cache  ${cache.records} records, ${formatSize(cache.bytes)}`)
    for (const {app, bytes, name} of snapshots) this.ui.log(`snapshot  ${name} of ${out.app(app)}, ${formatSize(bytes)}`)
    if (files > 0) this.ui.log(`${files} uploads and submodules`)
    this.ui.log(dry ? `Nothing was removed. It would free at most ${formatSize(freed)}.` : `Freed ${formatSize(freed)}.`)
  }
}
