import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../lib/cli/base-command.js'
import {appFlags, jsonFlags} from '../../lib/cli/flags.js'
import {formatSize} from '../../lib/cli/formats/size.js'
import type {StyledValue} from '../../lib/cli/formats/styled.js'
import type {Platform} from '../../lib/client/platform.js'
import {PlatformError} from '../../lib/schema/errors.js'

type Details = Awaited<ReturnType<typeof readDetails>>

export default class AppsInfo extends BaseCommand {
  static override description = 'show detailed app information'
  static override aliases = ['info']
  static override enableJsonFlag = true
  static override args = {app: string({description: 'name of app to show', hidden: true})}
  static override flags = {
    ...appFlags,
    ...jsonFlags,
    shell: boolean({char: 's', description: 'output more shell friendly key/value pairs'}),
  }

  async run(): Promise<Details> {
    const {args, flags} = await this.parse(AppsInfo)
    const {platform, app} = await this.target({...flags, app: args.app ?? flags.app})
    const details = await readDetails(platform, app)
    if (this.jsonEnabled()) return details
    if (flags.shell) for (const [key, value] of shellPairs(details)) this.ui.log(`${key}=${value}`)
    else {
      this.ui.header(this.ui.out.app(details.app.name))
      this.ui.object(summary(details))
    }
    return details
  }
}

async function readDetails(platform: Platform, name: string) {
  const [app, addons, dynos, collaborators, coupling] = await Promise.all([
    platform.apps.info(name),
    platform.addons.listFor(name),
    platform.apps.dynos(name),
    platform.apps.collaborators(name),
    platform.apps.pipelineCoupling(name).catch(absent),
  ])
  return {addons, app, dynos, collaborators, pipeline_coupling: coupling}
}

/** An app outside of any pipeline has no coupling. */
function absent(error: unknown): null {
  if (error instanceof PlatformError && error.id === 'not_found') return null
  throw error
}

function summary({app, addons, dynos, collaborators, pipeline_coupling: coupling}: Details): Record<string, StyledValue> {
  const others = collaborators.map(one => one.user.email).filter(email => email !== app.owner.email)
  return {
    Addons: addons.map(addon => addon.plan.name).toSorted(),
    Collaborators: others.toSorted(),
    Pipeline: coupling ? `${coupling.pipeline.name} - ${coupling.stage}` : undefined,
    'Auto Cert Mgmt': app.acm,
    'Git URL': app.git_url,
    'Web URL': app.web_url,
    'Repo Size': app.repo_size === null ? undefined : formatSize(app.repo_size),
    'Slug Size': app.slug_size === null ? undefined : formatSize(app.slug_size),
    Owner: app.owner.email,
    Region: app.region.name,
    Dynos:
      countTypes(dynos)
        .map(([type, count]) => `${type}: ${count}`)
        .join(', ') || undefined,
    Stack: app.stack.name === app.build_stack.name ? app.stack.name : `${app.stack.name} (next build will use ${app.build_stack.name})`,
    Maintenance: app.maintenance ? 'on' : undefined,
  }
}

function shellPairs({app, addons, dynos, collaborators}: Details): [string, string][] {
  return [
    ['auto_cert_mgmt', String(app.acm)],
    ['addons', addons.map(addon => addon.plan.name).join(',')],
    ['collaborators', collaborators.map(one => one.user.email).join(',')],
    ['git_url', app.git_url],
    ['web_url', app.web_url],
    ['repo_size', app.repo_size === null ? '' : formatSize(app.repo_size)],
    ['slug_size', app.slug_size === null ? '' : formatSize(app.slug_size)],
    ['owner', app.owner.email],
    ['region', app.region.name],
    [
      'dynos',
      `{ ${countTypes(dynos)
        .map(([type, count]) => `${type}: ${count}`)
        .join(', ')} }`,
    ],
    ['stack', app.stack.name],
  ]
}

function countTypes(dynos: Details['dynos']): [string, number][] {
  const counts = new Map<string, number>()
  for (const {type} of dynos) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts]
}
