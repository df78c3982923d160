import {expect, it} from 'vitest'
import {hostCertificate, isIntact} from '../../../../src/lib/runtime/certificates/host-certificates.js'
import {listLine, parseList, planCertificates} from '../../../../src/lib/runtime/router/certificate-list.js'

const certificate = (...hosts: string[]) => hostCertificate(hosts, {key: `key of ${hosts}`, certificate: `certificate of ${hosts}`})
const listOf = (...certificates: ReturnType<typeof certificate>[]) => parseList(certificates.map(listLine).join('\n'))

const own = certificate('*')
const demo = certificate('demo.localhost')
const shop = certificate('shop.test', '*.shop.test')

it('a list says the same in its file as when HAProxy tells it', () => {
  const told = `# /hokku/certs.list\n${[own, shop].map(listLine).join('\n').replaceAll('.pem', '.pem:2')}\n\n`
  expect(parseList(told)).toEqual(listOf(own, shop))
  expect(listOf(own, shop)).toEqual(
    new Map([
      [own.name, ['*']],
      [shop.name, ['shop.test', '*.shop.test']],
    ]),
  )
})

it('a host with characters that no host has is not written', () => {
  expect(listLine({name: 'x', hosts: ['good.test', 'bad host', 'bad\nhost', '!bad', 'x[y]']})).toBe('/hokku/certs/x.pem good.test')
})

it('what is new is added and what is not wanted any more removed, one by one', () => {
  expect(planCertificates(listOf(own, demo), [own, shop])).toEqual({added: [shop], removed: [demo.name], how: 'commands'})
  expect(planCertificates(listOf(own, demo), [demo, own])).toEqual({added: [], removed: [], how: 'commands'})
})

it('many at once, and the one for everybody, take a reload', () => {
  const many = Array.from({length: 17}, (_, index) => certificate(`app-${index}.localhost`))
  expect(planCertificates(listOf(own), [own, ...many.slice(1)]).how).toBe('commands')
  expect(planCertificates(listOf(own), [own, ...many]).how).toBe('reload')
  expect(planCertificates(listOf(own, ...many), [own]).how).toBe('reload')
  expect(planCertificates(listOf(certificate('*', 'old')), [own]).how).toBe('reload')
})

it('a certificate whose file was damaged is told by its name', () => {
  expect(isIntact(demo)).toBe(true)
  expect(isIntact({...demo, pem: demo.pem.slice(1)})).toBe(false)
  expect(isIntact({...demo, hosts: ['other.localhost']})).toBe(false)
})
