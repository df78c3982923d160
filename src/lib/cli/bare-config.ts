import type {Config, PJSON} from '@oclif/core/interfaces'

/** What commands use of oclif's config, without its search for plugins, themes and directories, and without its code. */
export function bareConfig(root: string, pjson: PJSON): Config {
  const bin = pjson.oclif.bin ?? pjson.name
  const variable = (name: string): string => `${bin}_${name}`.toUpperCase()
  const config: Partial<Config> = {
    root,
    pjson,
    name: pjson.name,
    version: pjson.version,
    bin,
    dirname: pjson.oclif.dirname ?? pjson.name,
    topicSeparator: ':',
    userAgent: userAgent(pjson),
    plugins: new Map(),
    runHook: async () => ({successes: [], failures: []}),
    scopedEnvVar: name => process.env[variable(name)],
    scopedEnvVarKey: variable,
    scopedEnvVarKeys: name => [variable(name)],
  }
  return config as Config
}

/** `hokku/1.2.3 linux-x64 node-v20.20.2` */
export function userAgent(pjson: PJSON): string {
  return `${pjson.name}/${pjson.version} ${process.platform}-${process.arch} node-${process.version}`
}
