import {describe, expect, it} from 'vitest'
import {type Check, examine, type Facts} from '../../../../src/lib/cli/doctor/examine.js'

const gigabyte = 1024 ** 3
const now = new Date('2026-11-22T12:00:00Z')

const status = {
  version: '1.0.0',
  pid: 7,
  home: '/h',
  url: 'http://127.0.0.1:5080',
  git_url: 'http://127.0.0.1:5080',
  ca_certificate: '/h/ca.pem',
  router: {port: 8080, tls_port: 443},
  engine: null,
  engine_problem: null,
  preparing: [],
  started_at: '2026-11-22T10:00:00Z',
}

const doctor = {
  engine: {version: '27.1', api_version: '1.46', url: 'unix:///var/run/docker.sock', source: 'Docker', clock_skew: 12},
  engine_problem: null,
  disks: [
    {name: 'home' as const, path: '/h', free: 40 * gigabyte, total: 100 * gigabyte},
    {name: 'engine' as const, path: '/var/lib/docker', free: 40 * gigabyte, total: 100 * gigabyte},
  ],
  bring_up_problem: null,
  router_problem: null,
}

const healthy: Facts = {
  platform: 'linux',
  now,
  cli: {version: '1.0.0', node: '22.1.0'},
  git: 'git version 2.43.0',
  home: {path: '/h', exists: true, writable: true, open: [], free: 40 * gigabyte},
  runtime: {status},
  doctor,
  routerAnswers: true,
  namesResolve: true,
  trust: {bundle: '/etc/ssl/certs/ca-certificates.crt', missing: []},
  certificateEnds: new Date('2030-01-01T00:00:00Z'),
}

const about = (name: string, facts: Partial<Facts>): Check[] => examine({...healthy, ...facts}).filter(check => check.name === name)
const noEngine = (code: string): Partial<Facts> => ({
  doctor: {...doctor, engine: null, engine_problem: {code, message: 'It is so.\nTried:\n  x'}},
})

describe('examine', () => {
  it('finds nothing wrong where nothing is', () => {
    expect(examine(healthy).map(({name, level, mend}) => [name, level, mend])).toEqual(
      ['cli', 'home', 'runtime', 'engine', 'clock', 'router', 'names', 'disk', 'disk', 'git', 'ca', 'certificate'].map(name => [
        name,
        'ok',
        null,
      ]),
    )
  })

  it('says which engine answers, where, and what named it', () => {
    expect(about('engine', {})[0]?.message).toBe('Docker 27.1 (API 1.46) at unix:///var/run/docker.sock, by Docker')
  })

  it.each([
    ['unavailable', 'linux', 'sudo systemctl start docker, or point DOCKER_HOST at a running engine'],
    ['unavailable', 'darwin', 'start Docker Desktop (open -a Docker) or Colima (colima start)'],
    ['permission', 'linux', 'sudo usermod -aG docker "$USER", then log out and in again'],
    ['too_old', 'linux', 'update Docker to 20.10 or newer'],
  ] as const)('fails without an engine (%s on %s) and says how to have one', (code, platform, mend) => {
    expect(about('engine', {...noEngine(code), platform})).toEqual([
      {name: 'engine', level: 'fail', message: 'It is so.\nTried:\n  x', mend},
    ])
  })

  it('fails when what runs in the engine cannot be brought up', () => {
    expect(about('engine', {doctor: {...doctor, bring_up_problem: 'no space left'}})[0]).toMatchObject({
      level: 'fail',
      message: expect.stringMatching(/, but: no space left$/),
    })
  })

  it("does not take a program that has the router's port for the router, nor blames the engine", () => {
    const problem = 'Port 80 on ::1, where the router listens, is used by another program.'
    const facts = {routerAnswers: true, doctor: {...doctor, bring_up_problem: problem, router_problem: problem}}
    expect(about('router', facts)).toMatchObject([{level: 'fail', message: problem}])
    expect(about('engine', facts)).toMatchObject([{level: 'ok'}])
  })

  it('goes on when the runtime does not start', () => {
    const facts: Partial<Facts> = {
      runtime: {problem: 'port 5080 is used', log: '/h/runtime.log'},
      doctor: undefined,
      routerAnswers: undefined,
    }
    expect(about('runtime', facts)[0]).toMatchObject({
      level: 'fail',
      message: 'does not start: port 5080 is used',
      mend: expect.stringContaining('/h/runtime.log'),
    })
    expect(about('engine', facts)[0]?.level).toBe('warn')
    expect(about('router', facts)).toEqual([])
    expect(about('disk', facts)).toMatchObject([{level: 'ok', message: '40 GB free in /h (home)'}])
  })

  it('compares the versions of CLI and runtime', () => {
    expect(about('runtime', {runtime: {status: {...status, version: '0.9.0'}}})[0]).toMatchObject({
      level: 'warn',
      mend: 'hokku runtime:restart',
    })
  })

  it.each([
    [1900, 'ok'],
    [-5000, 'warn'],
    [61_000, 'fail'],
  ])('judges a clock that differs by %i ms as %s', (skew, level) => {
    expect(about('clock', {doctor: {...doctor, engine: {...doctor.engine, clock_skew: skew}}})[0]?.level).toBe(level)
  })

  it('tells on which side the clock is wrong', () => {
    const behind = about('clock', {doctor: {...doctor, engine: {...doctor.engine, clock_skew: -5000}}})[0]
    expect(behind?.message).toBe("the engine's clock is 5 s behind this machine's: log lines get wrong times")
  })

  it('fails for a router that does not answer, unless it cannot yet', () => {
    expect(about('router', {routerAnswers: false})[0]?.level).toBe('fail')
    expect(about('router', {routerAnswers: false, ...noEngine('unavailable')})[0]?.level).toBe('warn')
    const young = {status: {...status, started_at: '2026-11-22T11:59:30Z'}}
    expect(about('router', {routerAnswers: false, runtime: young})[0]).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('yet'),
    })
  })

  it.each([
    [0.5, 'fail'],
    [3, 'warn'],
    [5, 'ok'],
  ])('judges %d GB of free disk as %s', (free, level) => {
    const disks = [{name: 'engine' as const, path: '/var/lib/docker', free: free * gigabyte, total: gigabyte}]
    expect(about('disk', {doctor: {...doctor, disks}}).map(check => check.level)).toEqual([level])
  })

  it('names every file that others can read, and how to close it', () => {
    const home = {
      ...healthy.home,
      open: [
        {path: '/h', mode: '755', wanted: '700'},
        {path: '/h/key', mode: '644', wanted: '600'},
      ],
    }
    expect(about('home', {home}).map(({level, mend}) => [level, mend])).toEqual([
      ['warn', 'chmod 700 /h'],
      ['warn', 'chmod 600 /h/key'],
    ])
    expect(about('home', {home: {...healthy.home, writable: false}})[0]?.level).toBe('fail')
    expect(about('home', {home: {...healthy.home, exists: false}})[0]).toMatchObject({level: 'ok', message: '/h will be made'})
  })

  it('misses git, certificates and names', () => {
    expect(about('git', {git: undefined})[0]?.level).toBe('fail')
    expect(about('names', {namesResolve: false})[0]?.level).toBe('warn')
    expect(about('ca', {trust: {bundle: undefined, missing: []}})[0]?.level).toBe('warn')
    const missing = [{variable: 'SSL_CERT_FILE', path: '/nope.pem'}]
    expect(about('ca', {trust: {bundle: '/etc/x', missing}})[0]).toMatchObject({
      level: 'warn',
      message: 'SSL_CERT_FILE names /nope.pem, which cannot be read',
    })
    expect(about('certificate', {certificateEnds: new Date('2026-12-01T00:00:00Z')})[0]?.level).toBe('warn')
    expect(about('certificate', {certificateEnds: new Date('2026-01-01T00:00:00Z')})[0]?.level).toBe('fail')
  })
})
