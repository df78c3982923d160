/** Labels on everything hokku makes in an engine. Values are strings; what is not named here is not ours. */
export const label = {
  /** On everything: the home's id (a UUID made once per home), so that two homes on one engine never touch each other's things. */
  home: 'hokku.home',
  /** dyno | addon | router | probe | reader */
  kind: 'hokku.kind',
  /** App id (UUID). */
  app: 'hokku.app',
  /** App name when the container was made; for people who read `docker ps`, never for decisions. */
  appName: 'hokku.app-name',
  /** Dyno name: `web.1`, `run.4821`. */
  dyno: 'hokku.dyno',
  /** Process type: `web`. */
  type: 'hokku.type',
  /** Dyno id (UUID). */
  dynoId: 'hokku.dyno-id',
  /** Release version: `8`. */
  release: 'hokku.release',
  /** Release id (UUID). */
  releaseId: 'hokku.release-id',
  /** The dyno's $PORT. */
  port: 'hokku.port',
  /** `attached` or `detached` on one-off dynos; formation dynos have none. */
  oneOff: 'hokku.one-off',
  /** When a one-off dyno's time to live ends, ISO 8601. */
  expires: 'hokku.expires',
  /** Dyno size: `Basic`. */
  size: 'hokku.size',
  /** Stack of the slug: `heroku-24`, `container`. */
  stack: 'hokku.stack',
  /** The command as the user wrote it. */
  command: 'hokku.command',
  /** Health checks of the process type, as JSON; none when there are none. */
  checks: 'hokku.checks',
  /** Hash of everything that makes two dynos the same, made by whoever wants the container. */
  want: 'hokku.want',
  /** Hash of the container spec, made by the engine. */
  spec: 'hokku.spec',
  /** Add-on id (UUID). */
  addon: 'hokku.addon',
} as const
