import type {ConfigVars} from '../../schema/resources.js'
import type {AppRecord} from '../apps/app-record.js'
import {defaultHost} from '../domains/domains.js'
import type {ReleaseRecord} from '../releases/release-record.js'
import type {SlugRecord} from '../slugs/slug-record.js'
import {isoSeconds} from '../support/clock.js'

export interface DynoIdentity {
  id: string
  name: string
  port: number
}

/** The environment of a dyno (heroku-platform.md 1.5). `extra` are a one-off's own variables. */
export function dynoEnvironment(
  app: AppRecord,
  release: ReleaseRecord,
  slug: SlugRecord,
  dyno: DynoIdentity,
  extra: ConfigVars = {},
): Record<string, string> {
  return {
    // Other images than our own know better.
    ...(slug.container === undefined && {PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/app'}),
    ...metadata(app, release, slug, dyno),
    ...release.config,
    ...extra,
    PORT: String(dyno.port),
    DYNO: dyno.name,
  }
}

/** A port as Heroku picks them: high, another at every start. `random` is in [0, 1). */
export function randomPort(random: () => number): number {
  return 10_000 + Math.floor(random() * 50_000)
}

function metadata(app: AppRecord, release: ReleaseRecord, slug: SlugRecord, dyno: DynoIdentity): Record<string, string> {
  return {
    ...(app.features['runtime-dyno-metadata'] === true && dynoMetadata(app, release, slug, dyno)),
    ...(app.features['runtime-dyno-build-metadata'] === true && {
      HEROKU_BUILD_COMMIT: slug.commit ?? '',
      HEROKU_BUILD_DESCRIPTION: slug.commitDescription ?? release.description,
    }),
  }
}

function dynoMetadata(app: AppRecord, release: ReleaseRecord, slug: SlugRecord, dyno: DynoIdentity): Record<string, string> {
  return {
    HEROKU_APP_DEFAULT_DOMAIN_NAME: defaultHost(app.name),
    HEROKU_APP_ID: app.id,
    HEROKU_APP_NAME: app.name,
    HEROKU_DYNO_ID: dyno.id,
    HEROKU_RELEASE_CREATED_AT: isoSeconds(release.createdAt),
    HEROKU_RELEASE_VERSION: `v${release.version}`,
    HEROKU_SLUG_COMMIT: slug.commit ?? '',
    HEROKU_SLUG_DESCRIPTION: slug.commitDescription ?? release.description,
  }
}
