import {startTestPlatform, type TestPlatform} from '../../support/platform.js'

/** A platform with the app demo, deployed as v3. */
export async function startDemo(procfile = 'web: serve\nworker: work\n'): Promise<TestPlatform> {
  const platform = await startTestPlatform()
  // The images that the compiler of tests names, so that the engine finds them.
  for (const build of ['1', '2', '3']) await platform.engine.tag('debian:13-slim', `sha256:${build.padStart(64, '0')}`)
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.deploy('demo', {Procfile: procfile})
  return platform
}
