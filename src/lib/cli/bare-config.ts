import {Config} from '@oclif/core/config'
import type {PJSON} from '@oclif/core/interfaces'

/** oclif's config with what commands use of it, without its search for plugins, themes and directories. */
export function bareConfig(root: string, pjson: PJSON): Config {
  return Object.assign(new Config({root}), {
    root,
    pjson,
    name: pjson.name,
    version: pjson.version,
    bin: pjson.oclif.bin ?? pjson.name,
    dirname: pjson.oclif.dirname ?? pjson.name,
    userAgent: userAgent(pjson),
    runHook: async () => ({successes: [], failures: []}),
  })
}

/** `hokku/1.2.3 linux-x64 node-v20.20.2` */
export function userAgent(pjson: PJSON): string {
  return `${pjson.name}/${pjson.version} ${process.platform}-${process.arch} node-${process.version}`
}
