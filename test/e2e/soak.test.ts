import {expect, it} from 'vitest'
import {soak} from '../soak/soak.js'
import {soakTable} from '../soak/table.js'
import {faultSeed} from '../support/faults.js'

/** The short one: whether thirty minutes are level is `npm run soak`'s to say. */
it('apps that are used hard for a while, with dynos, router and runtime killed, fail no other request and leave nothing behind', async () => {
  const report = await soak({seed: faultSeed('soak'), apps: 2, rounds: 2, roundSeconds: 12, logged: 0, say: () => undefined})
  expect([...report.violations, ...report.rows.filter(row => !row.ok)], soakTable(report)).toEqual([])
  expect(report.requests.sent).toBeGreaterThan(200)
  expect(Object.keys(report.operations).length).toBeGreaterThan(3)
})
