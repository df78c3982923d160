import {startTestPlatform, type TestPlatform} from '../../support/platform.js'

/** A platform with the app demo, deployed as v3. */
export async function startDemo(
  procfile = 'web: serve\nworker: work\n',
  options: Parameters<typeof startTestPlatform>[0] = {},
): Promise<TestPlatform> {
  const platform = await startTestPlatform(options)
  await platform.api('POST', '/apps', {name: 'demo'})
  await platform.deploy('demo', {Procfile: procfile})
  return platform
}
