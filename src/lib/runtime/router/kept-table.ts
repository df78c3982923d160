import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {writeFiles} from './haproxy-directory.js'
import {type Assignments, firstPools, type Pools} from './haproxy-state.js'
import type {Route} from './router.js'

/** The table published last and the backends given away: what HAProxy starts with before a new runtime has published. */
export interface Kept {
  table: Route[]
  assignments: Assignments
  pools: Pools
}

const name = 'table.json'

/** What is kept in that directory; nothing readable is an empty table. */
export async function readKept(directory: string): Promise<Kept> {
  try {
    const {table, assignments, pools} = JSON.parse(await readFile(join(directory, name), 'utf8'))
    return {table, assignments: new Map(assignments), pools: {...firstPools, ...pools}}
  } catch {
    return {table: [], assignments: new Map(), pools: {...firstPools}}
  }
}

export async function writeKept(directory: string, {table, assignments, pools}: Kept): Promise<void> {
  await writeFiles(directory, {[name]: JSON.stringify({table, assignments: [...assignments], pools})})
}
