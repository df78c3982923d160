import {describe, expect, it} from 'vitest'
import {readBuilder} from '../../../../../src/lib/runtime/slugs/cnb/builder.js'

const metadata = {
  description: 'as `pack builder create` writes it',
  buildpacks: [{id: 'heroku/nodejs', version: '3.2.1', homepage: 'https://example.com'}],
  stack: {runImage: {image: 'heroku/heroku:24', mirrors: null}},
  images: [{image: 'docker.io/heroku/heroku:24', mirrors: ['public.ecr.aws/heroku/heroku:24']}],
  lifecycle: {
    version: '0.20.14',
    api: {buildpack: '0.7', platform: '0.7'},
    apis: {buildpack: {deprecated: [], supported: ['0.10']}, platform: {deprecated: [], supported: ['0.7', '0.13', '0.14', '0.99']}},
  },
  createdBy: {name: 'Pack CLI', version: '0.36.0'},
}

function image({label = metadata, order, env = {CNB_USER_ID: '1002', CNB_GROUP_ID: '1000'}}: Given = {}) {
  return {
    labels: {
      'io.buildpacks.builder.metadata': typeof label === 'string' ? label : JSON.stringify(label),
      ...(order && {'io.buildpacks.buildpack.order': JSON.stringify(order)}),
    },
    config: {entrypoint: [], command: [], user: '', exposedPorts: [], env},
  }
}

interface Given {
  label?: unknown
  order?: object
  env?: Record<string, string>
}

describe('a builder', () => {
  it('says as whom it builds, with what, for which run image, and what its lifecycle speaks', () => {
    const order = [
      {
        group: [
          {id: 'heroku/nodejs', version: '3.2.1'},
          {id: 'heroku/procfile', version: '4.2.1', optional: true},
        ],
      },
    ]
    expect(readBuilder('heroku/builder:24', image({order}))).toEqual({
      name: 'heroku/builder:24',
      uid: 1002,
      gid: 1000,
      platformApi: '0.14',
      lifecycle: '0.20.14',
      runImages: ['docker.io/heroku/heroku:24', 'public.ecr.aws/heroku/heroku:24'],
      buildpacks: [{id: 'heroku/nodejs', version: '3.2.1'}],
      order: [order[0]?.group],
    })
  })

  it('made before there were several run images names one', () => {
    const {images: _, ...older} = metadata
    expect(readBuilder('old', image({label: older})).runImages).toEqual(['heroku/heroku:24'])
  })

  it('that lists no platform APIs speaks the one it names', () => {
    const label = {...metadata, lifecycle: {version: '0.9.0', api: {platform: '0.8'}}}
    expect(readBuilder('old', image({label})).platformApi).toBe('0.8')
  })

  it('is spoken to in what it has deprecated when there is nothing else', () => {
    const label = {...metadata, lifecycle: {version: '1.0.0', apis: {platform: {deprecated: ['0.12'], supported: ['1.0']}}}}
    expect(readBuilder('new', image({label})).platformApi).toBe('0.12')
  })

  it('whose lifecycle speaks nothing of ours is refused with both sides', () => {
    const label = {...metadata, lifecycle: {version: '0.6.1', apis: {platform: {deprecated: ['0.2'], supported: ['0.3', '0.4']}}}}
    expect(() => readBuilder('old', image({label}))).toThrow(
      'The builder old has an unsupported platform API.\nIts lifecycle 0.6.1 speaks 0.3, 0.4, 0.2; hokku speaks 0.7 to 0.15.',
    )
  })

  it.each([
    ['has no label', {...image(), labels: {}}, 'it has no label io.buildpacks.builder.metadata'],
    ['has a label that is no JSON', image({label: '{'}), 'its label io.buildpacks.builder.metadata cannot be read'],
    ['has a label without a lifecycle', image({label: {}}), 'its label io.buildpacks.builder.metadata cannot be read'],
    ['names no user', image({env: {CNB_USER_ID: '1'}}), 'it sets no CNB_USER_ID and CNB_GROUP_ID'],
    ['names no run image', image({label: {...metadata, images: null, stack: {}}}), 'it names no run image'],
  ])('that %s is none', (_claim, given, why) => {
    expect(() => readBuilder('nginx', given)).toThrow(`nginx is no builder of Cloud Native Buildpacks: ${why}.`)
  })
})
