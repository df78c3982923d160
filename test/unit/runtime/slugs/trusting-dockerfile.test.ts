import {expect, test} from 'vitest'
import {trustingCa} from '../../../../src/lib/runtime/slugs/dockerfile.js'
import {trustingDockerfile} from '../../../../src/lib/runtime/slugs/trusting-dockerfile.js'

const ca = Buffer.from('certificates')
const mount = '--mount=type=secret,id=ca,target=/run/hokku/ca,mode=0444'

test.each([
  ['FROM a\nRUN npm ci', `FROM a\nRUN ${mount} ${trustingCa}; npm ci`],
  [
    '# about it\n\nFROM a\nrun one \\\n # why\n && two\nCMD x\n',
    `# about it\n\nFROM a\nrun ${mount} ${trustingCa}; one \\\n # why\n && two\nCMD x\n`,
  ],
  [
    'FROM a\nRUN --mount=type=cache,target=/c \\\n  --network=default \\\n  go build\n',
    `FROM a\nRUN ${mount} --mount=type=cache,target=/c \\\n  --network=default \\\n  ${trustingCa}; go build\n`,
  ],
  ['FROM a\nRUN \\\n  one\n', `FROM a\nRUN \\\n  ${mount} ${trustingCa}; one\n`],
  ['FROM a\nSHELL ["/bin/bash", "-c"]\nRUN x', `FROM a\nSHELL ["/bin/bash", "-c"]\nRUN ${mount} ${trustingCa}; x`],
])('each command of %j has the certificates', (dockerfile, trusting) => {
  expect(trustingDockerfile(dockerfile, {ca})).toBe(trusting)
})

test.each([
  'FROM a\nRUN ["npm", "ci"]\n',
  'FROM a\nRUN <<EOF\nnpm ci\nEOF\n',
  '# escape=`\nFROM a\nRUN one `\n two\n',
  'FROM a\nSHELL ["pwsh", "-Command"]\nRUN x\n',
  'FROM a\nRUN one \\\n',
  'FROM a\nENV X="\nRUN is no instruction here \\\n',
])('%j is left alone', dockerfile => {
  expect(trustingDockerfile(dockerfile, {ca})).toBe(dockerfile)
})

test('a host without certificates changes nothing', () => {
  expect(trustingDockerfile('FROM a\nRUN npm ci', {ca: undefined})).toBe('FROM a\nRUN npm ci')
})
