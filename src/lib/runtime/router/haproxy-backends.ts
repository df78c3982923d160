import {runCommands} from './admin-socket.js'
import {type FixedOptions, fixedPart, toHaproxyFiles} from './haproxy-config.js'
import type {RunningHaproxy} from './haproxy-container.js'
import {assignBackends, desiredState, firstPools, type Pools, poolKinds, serverName} from './haproxy-state.js'
import type {Kept} from './kept-table.js'
import {haproxyErrorPage} from './pages.js'
import {afterChanges, drainingServers, type ObservedState, observedAssignments, parseObserved, planChanges} from './plan.js'
import type {Route, Target} from './router.js'

/**
 * HAProxy's maps and servers, kept in step with the table. Changes go over the admin socket and take a few ms; only when the pools of
 * backends are used up is HAProxy reloaded. The files always hold the same as its memory, so it comes back right by itself.
 */
export class HaproxyBackends {
  private observed: ObservedState | undefined
  private readonly errorPage = haproxyErrorPage()

  constructor(
    private readonly options: FixedOptions,
    private kept: Kept,
  ) {}

  /** The files to start with. */
  files(): Record<string, string> {
    const {table, assignments, pools} = this.kept
    return toHaproxyFiles(table, {...this.options, assignments, pools}, this.errorPage)
  }

  /** Learns what HAProxy has, whoever told it. One that runs with other options than ours is reloaded. */
  async adopt(haproxy: RunningHaproxy): Promise<void> {
    const info = await haproxy.admin.send('show info')
    if (!info.includes(`description: ${fixedPart(this.options, this.errorPage)}`)) await reload(haproxy)
    this.observed = await observe(haproxy)
    this.kept = {...this.kept, assignments: observedAssignments(this.observed)}
  }

  /** Resolves when new requests follow the table, with what is to be kept of it; undefined when nothing changed. */
  async apply(table: Route[], haproxy: RunningHaproxy): Promise<Kept | undefined> {
    const observed = this.observed ?? (await observe(haproxy))
    const {assignments, pools} = assignBackends(table, this.kept.assignments, observed.pools, backendsWithServers(observed))
    const before = JSON.stringify([this.kept.table, [...this.kept.assignments], this.kept.pools])
    this.kept = {table, assignments, pools}
    const changed = before !== JSON.stringify([table, [...assignments], pools])
    const writing = changed ? haproxy.write(this.files()) : Promise.resolve()
    if (poolKinds.some(kind => pools[kind] > observed.pools[kind])) {
      await writing
      await this.reloadWith(haproxy)
    } else {
      // Side by side: a request of a new release need not wait for files that only a restart reads.
      const changing = this.change(haproxy, observed)
      await Promise.allSettled([changing, writing])
      await Promise.all([changing, writing])
    }
    return changed ? this.kept : undefined
  }

  /** Lines that HAProxy's worker could not write, because nobody took 1 MB of them; counted since it began. */
  async droppedLines({admin}: RunningHaproxy): Promise<number> {
    return Number(/^DroppedLogs: (\d+)/m.exec(await admin.send('show info'))?.[1] ?? 0)
  }

  /** Whether HAProxy has a request with that server. */
  async isServing({admin}: RunningHaproxy, target: Target): Promise<boolean> {
    const name = serverName(target)
    // Of every backend, servers only: pxname,svname,qcur,qmax,scur,…
    const rows = (await admin.send('show stat -1 4 -1')).split('\n').map(row => row.split(','))
    return rows.some(row => row[1] === name && Number(row[4]) > 0)
  }

  /** HAProxy was reloaded for another reason: what it has is to be looked at again. */
  forget(): void {
    this.observed = undefined
  }

  /** Forgets servers that have no connection left. */
  async sweep(haproxy: RunningHaproxy): Promise<void> {
    if (this.observed === undefined) return
    const draining = drainingServers(this.observed)
    if (draining.length === 0) return
    for (const server of draining) await haproxy.admin.send(`del server ${server}`)
    this.observed = await observe(haproxy)
  }

  private async change(haproxy: RunningHaproxy, observed: ObservedState): Promise<void> {
    const desired = desiredState(this.kept.table, this.kept.assignments)
    this.observed = undefined
    const commands = planChanges(observed, desired)
    try {
      // Asking for the version alone still tells whether HAProxy is there.
      if (commands.length === 0) await haproxy.admin.send('show version')
      await runCommands(haproxy.admin, commands)
    } catch {
      // Something else than we believed was there: look again, and tell what is missing now.
      await runCommands(haproxy.admin, planChanges(await observe(haproxy), desired))
      this.observed = await observe(haproxy)
      return
    }
    this.observed = afterChanges(observed, desired)
  }

  private async reloadWith(haproxy: RunningHaproxy): Promise<void> {
    await reload(haproxy)
    this.observed = await observe(haproxy)
  }
}

function backendsWithServers(observed: ObservedState): Set<string> {
  return new Set([...observed.servers].filter(([, servers]) => servers.size > 0).map(([backend]) => backend))
}

async function observe({admin}: RunningHaproxy): Promise<ObservedState> {
  const [hosts, pages, backends, servers] = await Promise.all(
    ['show map /hokku/hosts.map', 'show map /hokku/pages.map', 'show backend', 'show servers state'].map(command => admin.send(command)),
  )
  const state = parseObserved({hosts: hosts!, pages: pages!, backends: backends!, servers: servers!})
  return {...state, pools: atLeastFirst(state.pools)}
}

const atLeastFirst = (pools: Pools): Pools => (Object.values(pools).some(size => size > 0) ? pools : {...firstPools})

/** Hitless: the new worker takes the listening sockets over, the old one finishes what it has. */
export async function reload({master}: Pick<RunningHaproxy, 'master'>): Promise<void> {
  const answer = await master.send('reload')
  if (!answer.includes('Success=1')) throw new Error(`HAProxy refused its new configuration: ${answer.trim()}`)
}
