import {homedir} from 'node:os'
import {describe, expect, test} from 'vitest'
import {buildpackAddress} from '../../../../src/lib/runtime/slugs/buildpack-address.js'

describe('the address of a buildpack', () => {
  test.each([
    ['https://github.com/acme/bp', {kind: 'git', url: 'https://github.com/acme/bp', ref: undefined}],
    ['https://github.com/acme/bp.git#v1.2', {kind: 'git', url: 'https://github.com/acme/bp.git', ref: 'v1.2'}],
    ['git@github.com:acme/bp.git#main', {kind: 'git', url: 'git@github.com:acme/bp.git', ref: 'main'}],
    ['ssh://git@example.com/bp', {kind: 'git', url: 'ssh://git@example.com/bp', ref: undefined}],
    ['file:///srv/bp.git#main', {kind: 'git', url: 'file:///srv/bp.git', ref: 'main'}],
    ['https://example.com/bp.tgz?x=1', {kind: 'tarball', url: 'https://example.com/bp.tgz?x=1'}],
    ['https://example.com/a/archive/v1.tar.gz', {kind: 'tarball', url: 'https://example.com/a/archive/v1.tar.gz'}],
    ['acme/elm', {kind: 'tarball', url: 'https://buildpack-registry.s3.amazonaws.com/buildpacks/acme/elm.tgz'}],
    ['/srv/bp', {kind: 'folder', path: '/srv/bp'}],
    ['~/bp', {kind: 'folder', path: `${homedir()}/bp`}],
    ['heroku-community/inline', {kind: 'inline'}],
  ])('%s', (name, address) => {
    expect(buildpackAddress(name)).toEqual(address)
  })

  // The last ones would be options, programs or further lines to what fetches or builds.
  test.each([
    '',
    'elm',
    'heroku/clojure',
    'ext::sh -c x',
    'https://-x',
    '--upload-pack=x',
    'https://x/y#-x',
    'git@h:-x',
    'https://x/\nRUN y',
    'file://%E0%A4%A',
    'file://[',
    'file:///srv/%',
  ])('is not %j', name => expect(buildpackAddress(name)).toBeUndefined())
})
