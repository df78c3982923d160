import type {BuildStep, Source} from '../buildpack.js'
import {explained, heading} from '../shell.js'

/** `bin/pre_compile` or `bin/post_compile`, when the source has it. */
export function hookStep(source: Source, name: 'pre_compile' | 'post_compile'): BuildStep[] {
  const path = `bin/${name}`
  if (!source.has(path)) return []
  const failed = [
    `Error: Failed to run the ${path} script.`,
    '',
    `We found a '${path}' script in your app source, so ran`,
    'it to allow for customisation of the build process.',
    '',
    'However, this script exited with a non-zero exit status.',
    '',
    'Fix any errors output by your script above, or remove/rename',
    'the script to prevent it from being run during the build.',
  ]
  return [
    {
      name: name.replace('_', '-'),
      heading: `Running ${path} hook`,
      introduction: [],
      run: [heading(`Running ${path} hook`), `chmod +x ${path}`, explained(path, failed)],
      env: {},
      caches: [],
      configVars: ['*'],
      output: 'verbatim',
    },
  ]
}
