import {path} from './path.js'
import type {Transport} from './transport.js'

export interface AppFeature {
  created_at: string
  description: string
  doc_url: string
  enabled: boolean
  id: string
  name: string
  state: string
  updated_at: string
  display_name: string
  feedback_email: string
}

export function featuresResource(transport: Transport) {
  return {
    list: (app: string) => transport.list<AppFeature>(path`/apps/${app}/features`),
    info: (app: string, feature: string) => transport.call<AppFeature>('GET', path`/apps/${app}/features/${feature}`),
    update: (app: string, feature: string, changes: {enabled: boolean}) =>
      transport.call<AppFeature>('PATCH', path`/apps/${app}/features/${feature}`, {body: changes}),
  }
}
