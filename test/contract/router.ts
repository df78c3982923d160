import {expect, it} from 'vitest'
import type {Route, RouteState} from '../../src/lib/runtime/router/router.js'
import type {Routing} from '../support/routing.js'

/** What every Router must do. `make` gives one that has been started, and an upstream that answers `/` with `hello`. */
export function routerContract(make: () => Promise<Routing>): void {
  const inState: [RouteState, number, string | undefined][] = [
    ['maintenance', 503, 'at=info code=H80 desc="Maintenance mode"'],
    ['blank', 502, 'at=info code=H81 desc="Blank app"'],
    ['no-web', 503, 'at=error code=H14 desc="No web processes running"'],
    ['crashed', 503, 'at=error code=H10 desc="App crashed"'],
  ]
  it.each(inState)('an app that is %s answers %i and logs Heroku’s code', async (state, status, head) => {
    const routing = await make()
    const route = routing.app(state)
    await routing.router.publish([route])
    expect((await routing.get(route.hosts[0]!, '/')).status).toBe(status)
    const line = await routing.lineOf(route, `path="/"`)
    expect(line).toContain(`${head} method=GET path="/" host=${route.hosts[0]} request_id=`)
    expect(line).toContain(`fwd="127.0.0.1" dyno= connect= service= status=${status} bytes= protocol=http1.1 tls=false`)
  })

  it('a host of no app answers 404 with the page No such app', async () => {
    const routing = await make()
    await routing.router.publish([])
    const answer = await routing.get('nobody.localhost', '/')
    expect(answer.status).toBe(404)
    expect(answer.body).toContain('<title>No such app</title>')
  })

  it('an app that is up is reached by each of its hosts, whatever their case and port', async () => {
    const routing = await make()
    const route = {...routing.app('up'), hosts: [`${routing.unique()}.localhost`, `*.${routing.unique()}.test`]}
    await routing.router.publish([route])
    const wild = route.hosts[1]!.replace('*', 'any')
    for (const host of [route.hosts[0]!, route.hosts[0]!.toUpperCase(), `${route.hosts[0]}:1234`, wild])
      expect((await routing.get(host, '/')).body).toBe('hello')
    expect((await routing.get(`a.b.${wild}`, '/')).status).toBe(404)
  })

  it('a request for an app that is starting is held, body and all, until a dyno is up', async () => {
    const routing = await make()
    const starting = routing.app('starting')
    await routing.router.publish([starting])
    const held = routing.send({host: starting.hosts[0]!, path: '/echo', method: 'POST', body: 'kept'})
    await routing.pause(200)
    await routing.router.publish([{...starting, state: 'up', targets: routing.targets()}])
    expect(await held).toMatchObject({status: 200, body: 'kept'})
    expect(await routing.lineOf(starting, 'path="/echo"')).toMatch(
      /^at=info method=POST .* dyno=web\.1 connect=\d+ms service=\d+ms status=200 /,
    )
  })

  it('the newest of tables published at once wins', async () => {
    const routing = await make()
    const app = routing.app('up')
    const states: Route[] = Array.from({length: 20}, (_, index) => ({...app, targets: [{...app.targets[0]!, dyno: `web.${index + 1}`}]}))
    await Promise.all(states.map(route => routing.router.publish([route])))
    await routing.get(app.hosts[0]!, '/newest')
    expect(await routing.lineOf(app, 'path="/newest"')).toContain(' dyno=web.20 ')
  })

  it('an app that left the table is no such app', async () => {
    const routing = await make()
    const app = routing.app('up')
    await routing.router.publish([app])
    expect((await routing.get(app.hosts[0]!, '/')).status).toBe(200)
    await routing.router.publish([])
    expect((await routing.get(app.hosts[0]!, '/')).status).toBe(404)
  })
}
