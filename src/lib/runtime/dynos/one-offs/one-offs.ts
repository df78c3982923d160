import type {ContainerSpec, Session} from '../../../engine/engine.js'
import {label} from '../../../engine/labels.js'
import {defaultDynoSize, findDynoSize} from '../../../schema/dyno-sizes.js'
import {notFound, PlatformError} from '../../../schema/errors.js'
import type {ReleaseRecord} from '../../releases/release-record.js'
import type {SlugRecord} from '../../slugs/slug-record.js'
import {apiNotice} from '../../support/log-sink.js'
import {background, type DynoContext, enter, say} from '../context.js'
import type {OneOff, OneOffRequest, WantedApp} from '../dyno-manager.js'
import {dynoEnvironment} from '../environment.js'
import {commandForLog} from '../launch.js'
import {endOf} from '../lifecycle/exit.js'
import {freshDyno, outputOf} from '../lifecycle/start.js'
import type {LiveDyno} from '../live-dynos.js'
import {dynoSpec, ensureAppNetwork} from '../spec.js'
import {viewOf} from '../views.js'
import {complete, hangUp, limitLife, outcome} from './ending.js'
import type {Rendezvous} from './rendezvous.js'

/** Heroku's limits of one-off dynos at a time, by their size (heroku-platform.md 1.3). */
function mostAtATime(size: string): number {
  if (size === 'Eco') return 1
  return findDynoSize(size)?.dedicated ? 5 : 50
}

const mostSeconds = 86_400

interface Run {
  request: OneOffRequest
  dyno: LiveDyno
  spec: ContainerSpec
  env: Record<string, string>
  secondsToLive: number
}

/** Starts a one-off dyno, or makes it wait for its client. Throws not_found, and invalid_params with Heroku's limits. */
export function runOneOff(context: DynoContext, rendezvous: Rendezvous, request: OneOffRequest): OneOff {
  const run = prepare(context, request)
  const {dyno} = run
  context.logplex.append(
    dyno.appId,
    apiNotice(context.clock.now(), `Starting process with command \`${request.command}\` by user ${request.user}`),
  )
  if (request.attach !== undefined) return {dyno: viewOf(dyno), secret: awaitClient(context, rendezvous, run), ended: dyno.ended.promise}
  background(context, `running ${dyno.container}`, runDetached(context, run))
  return {dyno: viewOf(dyno), secret: undefined, ended: dyno.ended.promise}
}

async function runDetached(context: DynoContext, run: Run): Promise<void> {
  const {dyno, request} = run
  const log = request.log ? outputOf(context, dyno) : undefined
  await launching(context, run, async () => {
    const started = await context.engine.start(run.spec, chunk => {
      log?.(chunk)
      if (chunk === undefined) dyno.outputEnded.resolve()
      else request.onOutput?.(chunk.data)
    })
    return started.id
  })
}

/** The process starts when its client has come, so that nothing runs unseen. */
function awaitClient(context: DynoContext, rendezvous: Rendezvous, run: Run): string {
  const {dyno} = run
  say(context, dyno, 'Awaiting client')
  return rendezvous.offer({
    terminal: run.request.attach?.tty !== undefined,
    open: () => openAttached(context, run),
    ended: dyno.ended.promise,
    onNobody: () => {
      if (dyno.stopping) return
      say(context, dyno, 'Error R13 (Attach error) -> Failed to attach to process')
      background(context, `ending ${dyno.container}`, complete(context, dyno, {code: 1}))
    },
    onLeft: () => background(context, `hanging up ${dyno.container}`, hangUp(context, dyno)),
  })
}

function openAttached(context: DynoContext, run: Run): Promise<Session> {
  return new Promise((resolve, reject) => {
    const launched = launching(context, run, async () => {
      if (run.dyno.stopping) throw new PlatformError('gone', `${run.dyno.name} was stopped.`)
      const {id, session} = await context.engine.startAttached(run.spec)
      session.stream.once('end', run.dyno.outputEnded.resolve)
      session.stream.once('close', run.dyno.outputEnded.resolve)
      run.request.onOutput && session.stream.on('data', run.request.onOutput)
      resolve(session)
      return id
    })
    launched.then(() => reject(new PlatformError('gone', `${run.dyno.name} has ended.`)), reject)
    background(context, `running ${run.dyno.container}`, launched)
  })
}

/** From start to removal; `start` gives the container's id. */
async function launching(context: DynoContext, run: Run, start: () => Promise<string>): Promise<void> {
  const {dyno} = run
  say(context, dyno, `Starting process with command \`${commandForLog(dyno.command, run.env)}\``)
  try {
    await ensureAppNetwork(context, dyno.appId)
    dyno.engineId = await start()
  } catch (error) {
    return await complete(context, dyno, outcome(context, dyno, error))
  }
  enter(context, dyno, 'up')
  if (dyno.stopping) await context.engine.stop(dyno.engineId, {graceSeconds: 0})
  background(context, `limiting ${dyno.container}`, limitLife(context, dyno, run.secondsToLive * 1000))
  await complete(context, dyno, await endOf(context, dyno.engineId))
}

function prepare(context: DynoContext, request: OneOffRequest): Run {
  const wanted = context.wanted.wanted(request.appId)
  if (wanted === undefined) throw notFound('app')
  const {release, slug} = request.release ?? wanted
  if (slug === undefined)
    throw new PlatformError('invalid_params', `${wanted.app.name} has no slug to run ${request.command} in: deploy the app first.`)
  const dyno = fresh(context, wanted, {release, slug}, request)
  const env = dynoEnvironment(wanted.app, release, slug, dyno, request.env)
  const secondsToLive = Math.min(Math.max(request.timeToLive ?? mostSeconds, 1), mostSeconds)
  const spec = oneOffSpec(context, wanted, slug, dyno, env, request, secondsToLive)
  context.live.add(dyno)
  return {request, dyno, env, spec, secondsToLive}
}

function oneOffSpec(
  context: DynoContext,
  {app}: WantedApp,
  slug: SlugRecord,
  dyno: LiveDyno,
  env: Record<string, string>,
  request: OneOffRequest,
  secondsToLive: number,
): ContainerSpec {
  const spec = dynoSpec(context, app, slug, dyno, env)
  const kind = request.attach !== undefined ? 'attached' : request.log ? 'detached' : 'unlogged'
  const expires = new Date(context.clock.now().getTime() + secondsToLive * 1000).toISOString()
  return {
    ...spec,
    labels: {...spec.labels, [label.oneOff]: kind, [label.expires]: expires},
    ...(request.attach !== undefined && {stdin: true}),
    ...(request.attach?.tty !== undefined && {tty: request.attach.tty}),
    keepOutput: kind === 'detached' ? 'copy' : 'none',
  }
}

function fresh(
  context: DynoContext,
  {app, formation}: WantedApp,
  {release, slug}: {release: ReleaseRecord; slug: SlugRecord},
  request: OneOffRequest,
): LiveDyno {
  const type = request.type ?? 'run'
  const sizeName = request.size ?? formation.find(one => one.type === type)?.size ?? defaultDynoSize
  const size = findDynoSize(sizeName)?.name
  if (size === undefined) throw new PlatformError('invalid_params', `No such dyno size: ${sizeName}.`)
  const name = freeNumber(context, app.id, type, size)
  return freshDyno(context, app, release, {name, type, size, command: request.command, want: undefined, stack: slug.stack})
}

/** `run.4821`: a number from 1 to 9999 that no dyno of that type has. */
function freeNumber(context: DynoContext, appId: string, type: string, size: string): string {
  const all = context.live.ofApp(appId)
  const alike = all.filter(one => one.want === undefined && one.type !== 'release' && one.size === size)
  const most = mostAtATime(size)
  if (type !== 'release' && alike.length >= most)
    throw new PlatformError('invalid_params', `Cannot run more than ${most} ${size} size dynos.`, {resource: 'dyno'})
  const taken = new Set(all.map(one => one.name))
  let number = 1 + Math.floor(context.random() * 9999)
  while (taken.has(`${type}.${number}`)) number = (number % 9999) + 1
  return `${type}.${number}`
}
