import type {AddonPage} from '../../schema/addon-page.js'
import type {ConfigVars} from '../../schema/resources.js'
import type {AddonRecord, AttachmentRecord} from './addons.js'
import {containerServer} from './container-server.js'
import type {KnownAddon} from './instance.js'
import {partnerServer} from './partner/partner-server.js'
import {known, type Parts} from './parts.js'

/** `later`: whoever serves it will say so, at the latest then. */
export type Outcome = 'done' | {later: Date}

/** Who serves the add-ons of a service: `local.server` of its manifest. Whatever it is asked may have been done before. */
export interface AddonServer {
  /** Makes an add-on what its record says, as long as it is in that state. Throws what says why it cannot be. */
  serve(addonId: string, state: 'provisioning' | 'provisioned', signal: AbortSignal): Promise<Outcome>
  /** Before the record goes: nothing is left that serves. One in state `deprovisioning` had been handed out. */
  end(addon: AddonRecord, signal: AbortSignal): Promise<Outcome>
  /** Stores the plan; `serve` follows. Throws what says why it is refused. */
  changePlan(addon: AddonRecord, plan: string): Promise<void>
  /** Config vars of an attachment, as programs in dynos or on the host see them. */
  configVars(attachment: NamedAttachment, knows: KnownAddon, view: 'dyno' | 'host'): ConfigVars
  /** Where people look at it. Throws not_found when there is nothing to see. */
  page(addon: AddonRecord, viewer: Viewer): Promise<AddonPage>
  /** An address of that for any browser of this machine; undefined when there is nothing to see, or not yet. */
  webUrl(addon: AddonRecord): string | undefined
  /** By which name it knows the add-on, if not by ours. */
  providerId?(addon: AddonRecord): string | undefined
  /** What it says to whoever asked last for something. */
  message?(addon: AddonRecord): string | undefined
  /** Whoever wants a new add-on waits for its first outcome. */
  answersAtOnce?: true
  /** Goes on with what an earlier runtime began, beside the add-ons there are. */
  start?(): void
}

export type NamedAttachment = Pick<AttachmentRecord, 'name'> & Partial<Pick<AttachmentRecord, 'namespace'>>

/** Who opens an add-on's page, and in which app. */
export interface Viewer {
  id: string
  email: string
  /** By default the app it is billed to. */
  app?: string | undefined
}

export type Servers = ReturnType<typeof addonServers>

/** Finds who serves an add-on. */
export function addonServers(parts: Parts) {
  const container = containerServer(parts)
  // Whoever serves it in the runtime knows its add-ons by the name of their service.
  const runtime: AddonServer = {
    ...container,
    serve: async () => 'done',
    end: async () => 'done',
    webUrl: addon => parts.servedPage(addon)?.url,
    page: async addon => parts.servedPage(addon) ?? (await container.page(addon, {id: '', email: ''})),
  }
  const partner = partnerServer(parts)
  const kinds = {container, runtime, partner}
  return {
    start(): void {
      for (const kind of Object.values<AddonServer>(kinds)) kind.start?.()
    },
    of: (addon: AddonRecord): AddonServer => kinds[known(parts, addon).service.manifest.local.server],
  }
}
