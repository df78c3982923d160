import type {AddonPage} from '../schema/addon-page.js'
import type {AddOn, AddOnAttachment, AddOnService, Plan} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface AddOnRequest {
  /** `service:plan` or `service`. */
  plan: string
  /** Name of the add-on. */
  name?: string
  /** Name of its attachment. */
  as?: string
  /** Options for the service. */
  config?: Record<string, string>
  /** The app's name, when an attachment may be replaced. */
  confirm?: string
}

export interface AttachmentRequest {
  addon: string
  app: string
  name?: string
  /** `connection-pooling:default` for the pool before a database. */
  namespace?: string
  confirm?: string
}

/** An add-on as asked for with its service and its plan in full. */
export type FullAddOn = AddOn & {addon_service: AddOnService; plan: Plan}
/** An attachment as asked for with its add-on's plan and its config vars. */
export type FullAttachment = AddOnAttachment & {addon: {plan: {id: string; name: string}}; config_vars: string[]}

const expand = {'accept-expansion': 'addon_service,plan'}
const include = {'accept-inclusion': 'addon:plan,config_vars'}

export function addonsResource(transport: Transport) {
  return {
    create: (app: string, {plan, name, as, config, confirm}: AddOnRequest) =>
      transport.call<FullAddOn>('POST', path`/apps/${app}/addons`, {
        headers: expand,
        body: {
          plan: {name: plan},
          attachment: as === undefined ? {} : {name: as},
          config: config ?? {},
          ...(name && {name}),
          ...(confirm && {confirm}),
        },
      }),
    info: (addon: string) => transport.call<FullAddOn>('GET', path`/addons/${addon}`, {headers: expand}),
    /** Its server's page for people. */
    page: (addon: string, app?: string) =>
      transport.call<AddonPage>('GET', path`/runtime/addons/${addon}/page` + (app === undefined ? '' : path`?app=${app}`)),
    listFor: (app: string) => transport.list<FullAddOn>(path`/apps/${app}/addons`, {headers: expand}),
    listAll: () => transport.list<FullAddOn>('/addons', {headers: expand}),
    /** All that a name may mean, at least one; of that app first, when it is given. */
    resolve: (addon: string, app: string | undefined) =>
      transport.call<FullAddOn[]>('POST', '/actions/addons/resolve', {headers: expand, body: {addon, ...(app && {app})}}),
    changePlan: (app: string, addon: string, plan: string) =>
      transport.call<FullAddOn>('PATCH', path`/apps/${app}/addons/${addon}`, {headers: expand, body: {plan: {name: plan}}}),
    rename: (app: string, addon: string, name: string) =>
      transport.call<FullAddOn>('PATCH', path`/apps/${app}/addons/${addon}`, {headers: expand, body: {name}}),
    destroy: (app: string, addon: string, force: boolean) =>
      transport.call<AddOn>('DELETE', path`/apps/${app}/addons/${addon}`, {headers: expand, body: {force}}),
    services: () => transport.list<AddOnService>('/addon-services'),
    service: (service: string) => transport.call<AddOnService>('GET', path`/addon-services/${service}`),
    plans: (service: string) => transport.list<Plan>(path`/addon-services/${service}/plans`),
    attachments: () => transport.list<FullAttachment>('/addon-attachments', {headers: include}),
    attachmentsFor: (app: string) => transport.list<FullAttachment>(path`/apps/${app}/addon-attachments`, {headers: include}),
    attachmentsTo: (addon: string) => transport.list<FullAttachment>(path`/addons/${addon}/addon-attachments`, {headers: include}),
    attachment: (app: string, name: string) => transport.call<AddOnAttachment>('GET', path`/apps/${app}/addon-attachments/${name}`),
    resolveAttachments: (attachment: string, app: string, service?: string) =>
      transport.call<FullAttachment[]>('POST', '/actions/addon-attachments/resolve', {
        headers: include,
        body: {addon_attachment: attachment, app, ...(service && {addon_service: service})},
      }),
    attach: ({addon, app, ...rest}: AttachmentRequest) =>
      transport.call<AddOnAttachment>('POST', '/addon-attachments', {body: {addon: {name: addon}, app: {name: app}, ...rest}}),
    detach: (attachment: string) => transport.call<AddOnAttachment>('DELETE', path`/addon-attachments/${attachment}`),
  }
}
