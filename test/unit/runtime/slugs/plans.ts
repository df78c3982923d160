import type {BuildPlan, BuildStep} from '../../../../src/lib/runtime/buildpacks/buildpack.js'

/** A step that does nothing, with a cache. */
export const step = (name: string): BuildStep => ({
  name,
  heading: name,
  introduction: [],
  run: ['true'],
  env: {},
  caches: [{id: `hokku-${name}`, target: `/tmp/${name}`}],
  configVars: [],
})

/** A plan of nothing but what is said. */
export const plan = (over: Partial<BuildPlan>): BuildPlan => ({
  buildpack: 'x/y',
  language: 'X',
  toolchains: [],
  path: [],
  env: {},
  decisions: [],
  closing: [],
  dependencies: undefined,
  build: [],
  files: {},
  warnings: [],
  ...over,
})
