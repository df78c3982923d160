import {runInNewContext} from 'node:vm'
import {expect, test} from 'vitest'
import {papertrailPage} from '../../../../src/lib/runtime/server/pages/papertrail.js'

/** What the page of an add-on asks for in its first turns, at an address with that fragment. */
function asked(hash: string, answers: {events: object[]; max_id: string}[]): Promise<URLSearchParams[]> {
  const [, script = ''] = /<script>(.*)<\/script>/s.exec(papertrailPage('demo', [])) ?? []
  const form = {q: {value: ''}, live: {checked: true}, addEventListener: () => undefined}
  const node = {replaceChildren: () => undefined, append: () => undefined, children: [], textContent: ''}
  const requests: URLSearchParams[] = []
  return new Promise(resolve => {
    const fetch = async (url: string) => {
      requests.push(new URL(url, 'http://127.0.0.1').searchParams)
      if (requests.length === answers.length) resolve(requests)
      return {ok: true, json: async () => answers[requests.length - 1] ?? {events: [], max_id: '9'}}
    }
    const turns = (next: () => void) => requests.length < answers.length && setImmediate(next)
    runInNewContext(script, {
      document: {forms: [form], querySelector: () => node, body: {scrollHeight: 0}},
      ...{location: {pathname: '/papertrail/a/b', hash}, addEventListener: () => undefined, scrollTo: () => undefined, fetch},
      ...{innerHeight: 0, scrollY: 0, setTimeout: turns, URLSearchParams},
    })
  })
}

test('the page of papertrail begins with the newest lines, and then misses none, however fast they come', async () => {
  const turns = await asked('#one%20error', [
    {events: [], max_id: '7'},
    {events: [], max_id: '7'},
  ])
  expect(turns.map(one => Object.fromEntries(one))).toEqual([
    {q: 'one error', limit: '500'},
    {q: 'one error', limit: '5000', min_id: '7'},
  ])
})

test('the page of papertrail takes what is no encoded text as it is', async () => {
  expect((await asked('#100%', [{events: [], max_id: ''}])).map(one => one.get('q'))).toEqual(['100%'])
})
