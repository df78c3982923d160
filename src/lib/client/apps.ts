import type {AppError} from '../schema/app-errors.js'
import type {App, Dyno, Ref} from '../schema/resources.js'
import {path} from './path.js'
import type {Transport} from './transport.js'

export interface AppRequest {
  name?: string
  region?: string
  stack?: string
}

export interface AppChanges {
  name?: string
  maintenance?: boolean
  build_stack?: string
}

export interface Collaborator {
  user: {id: string; email: string}
}

export interface PipelineCoupling {
  pipeline: Ref
  stage: string
}

/** As many as the API allows at a time. */
const largePages = {pages: 'name ..; max=1000'}

export function appsResource(transport: Transport) {
  return {
    create: (app: AppRequest) => transport.call<App>('POST', '/apps', {body: app}),
    /** Those of the account. */
    list: () => transport.list<App>('/users/~/apps', largePages),
    /** Those of the account and those it may use. */
    listAll: () => transport.list<App>('/apps', largePages),
    info: (app: string) => transport.call<App>('GET', path`/apps/${app}`),
    update: (app: string, changes: AppChanges) => transport.call<App>('PATCH', path`/apps/${app}`, {body: changes}),
    destroy: (app: string) => transport.call<App>('DELETE', path`/apps/${app}`),
    /** Error codes in the app's log of the last so many hours. */
    errors: (app: string, hours: number) => transport.call<AppError[]>('GET', path`/apps/${app}/errors?hours=${hours}`),
    dynos: (app: string) => transport.list<Dyno>(path`/apps/${app}/dynos`),
    collaborators: (app: string) => transport.list<Collaborator>(path`/apps/${app}/collaborators`),
    pipelineCoupling: (app: string) => transport.call<PipelineCoupling>('GET', path`/apps/${app}/pipeline-couplings`),
  }
}
