import {execFileSync} from 'node:child_process'
import {tmpdir} from 'node:os'
import {describe, expect, test} from 'vitest'
import type {BuildPlan, Question} from '../../../../src/lib/runtime/buildpacks/buildpack.js'
import {resolveJavaVersion} from '../../../../src/lib/runtime/buildpacks/jvm/java-version.js'
import {jdbcScript} from '../../../../src/lib/runtime/buildpacks/jvm/jdbc.js'
import {jdksFor} from '../../../../src/lib/runtime/buildpacks/jvm/jdk.js'
import {jvm} from '../../../../src/lib/runtime/buildpacks/jvm/jvm.js'
import {jvmProfile} from '../../../../src/lib/runtime/buildpacks/jvm/profile.js'
import {javaProxy, mavenProxy} from '../../../../src/lib/runtime/buildpacks/jvm/proxies.js'
import {sourceOf} from '../slugs/source-files.js'
import {clients, packages} from './packages.js'

async function planOf(files: Record<string, string>): Promise<BuildPlan> {
  await using at = await sourceOf(Object.entries(files).map(([path, text]) => ({path, text})))
  const now = new Date('2026-11-22T00:00:00Z')
  return await jvm.compile(at.source, {stack: 'heroku-24', architecture: 'x64', now, configVars: {}, packages, clients})
}
const properties = (version: string) => ({'system.properties': `# which Java\njava.runtime.version = ${version}\n`})

/** What `lines` leave in the named variables, in a shell as builds have it. */
function shell(lines: string[], names: string[], env: Record<string, string> = {}): Record<string, string> {
  const script = [...lines, ...names.map(name => `printf '%s=%s\\n' ${name} "\${${name}-unset}"`)].join('\n')
  const output = execFileSync('bash', ['--norc', '-e', '-o', 'pipefail', '-c', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {PATH: process.env['PATH'] ?? '', ...env},
  })
  return Object.fromEntries(
    output.split('\n').flatMap(line => (line.includes('=') ? [[line.split('=')[0], line.slice(line.indexOf('=') + 1)]] : [])),
  )
}

describe('the JDK', async () => {
  const available = await jdksFor(clients, undefined)

  test.each([
    [undefined, '25.0.5.1'],
    ['21', '21.0.13.1'],
    ['1.8', '1.8.0_504'],
    ['8', '1.8.0_504'],
    ['11', '11.0.32.1'],
    ['zulu-17', '17.0.21.1'],
    ['17.0.9', '17.0.21.1'],
    ['1.7', '1.8.0_504'],
    ['18', '21.0.13.1'],
  ])('for %s is %s', (wanted, version) => {
    expect(resolveJavaVersion(wanted, available).jdk.version).toBe(version)
  })

  test('is of the stack’s own suite where that has the line; others are not asked then', async () => {
    const asked: string[] = []
    const ask = (question: Question) => {
      asked.push(question.id)
      return clients.ask(question)
    }
    const jdks = await jdksFor({ask}, 21)
    expect(asked).toEqual(['jdks'])
    expect(jdks.find(({line}) => line === 21)).toEqual({line: 21, version: '21.0.13.1', debian: '21.0.13.1+2-1~deb13u1', suite: 'trixie'})
    expect(available.find(({line}) => line === 17)?.suite).toBe('bookworm')
    expect(available.find(({line}) => line === 11)?.debian).toBe('11.0.32.1+1-1~deb11u1')
  })

  test('another update, another line and another distribution than asked for are told', () => {
    const told = (wanted: string) => resolveJavaVersion(wanted, available).warnings.join('\n')
    expect(told('17.0.9')).toContain('OpenJDK 17.0.9 cannot be had here; the newest of its line, 17.0.21.1, was used.')
    expect(told('18')).toContain('OpenJDK 18 cannot be had here; the next newer line, OpenJDK 21.0.13.1, was used.')
    expect(told('zulu-21')).toContain('The zulu distribution is not used here')
    expect(told('21')).toBe('')
    expect(told('1.8.0_504')).toBe('')
  })

  test('unsaid is the latest LTS, with Heroku’s words', () => {
    expect(resolveJavaVersion(undefined, available).warnings[0]).toBe('Warning: No OpenJDK version specified')
  })

  test('that cannot be had in any newer line either is an error that lists what can be', () => {
    expect(() => resolveJavaVersion('99', available)).toThrow(/Unsupported Java version: 99[\s\S]*11\.0\.32\.1[\s\S]*27\.0\.1/)
    expect(() => resolveJavaVersion('latest', available)).toThrow('latest')
  })

  test('is installed at that very version, and is JAVA_HOME', async () => {
    const plan = await planOf(properties('17'))
    expect(plan.toolchains[0]?.install.join('\n')).toContain('openjdk-17-jdk-headless=17.0.21.1+2-1~deb12u1')
    expect(plan.env).toEqual({JAVA_HOME: '/app/.heroku/jdk'})
    expect(plan.decisions).toEqual([{heading: 'Installing OpenJDK 17.0.21.1', lines: []}])
  })

  test('is the source’s own where it has one, or Debian’s with an overlay', async () => {
    const provided = await planOf({'.jdk/bin/java': '', ...properties('21')})
    expect([provided.env['JAVA_HOME'], provided.build, provided.keystore]).toEqual(['/app/.jdk', [], undefined])
    expect(provided.files['.profile.d/jvmcommon.sh']).toContain('JAVA_HOME="$HOME/.jdk"')
    const overlaid = await planOf({'.jdk-overlay/lib/security/x': '', ...properties('21')})
    expect([overlaid.env['JAVA_HOME'], overlaid.build[0]?.name]).toEqual(['/app/.jdk', 'jdk-overlay'])
  })
})

describe('at boot', () => {
  const common = jvmProfile('/app/.heroku/jdk')['.profile.d/jvmcommon.sh'] ?? ''
  const boot = (env: Record<string, string>) => shell([common], ['JAVA_OPTS', 'JAVA_TOOL_OPTIONS', 'JAVA_HOME'], {HOME: '/app', ...env})

  test('the user’s JAVA_OPTS come after those of the dyno’s size', () => {
    const {JAVA_OPTS, JAVA_HOME} = boot({DYNO: 'worker.1', JAVA_OPTS: '-Xmx99m'})
    expect(JAVA_OPTS).toMatch(/^-Dfile\.encoding=UTF-8 .*-Xmx99m$/)
    expect(JAVA_HOME).toBe('/app/.heroku/jdk')
  })

  test('one-off dynos have no JAVA_TOOL_OPTIONS', () => {
    expect(boot({DYNO: 'run.4242'})['JAVA_TOOL_OPTIONS']).toBe('unset')
    expect(boot({DYNO: 'web.1'})['JAVA_TOOL_OPTIONS']).toContain('-Dfile.encoding=UTF-8')
  })

  test('Spring finds Redis under its names, unless the user has set them', () => {
    const spring = jvmProfile('/x')['.profile.d/jvm-spring-configuration.sh'] ?? ''
    const names = ['SPRING_REDIS_URL', 'SPRING_DATA_REDIS_URL']
    expect(shell([spring], names, {REDIS_URL: 'redis://r', SPRING_REDIS_URL: 'mine'})).toEqual({
      SPRING_REDIS_URL: 'mine',
      SPRING_DATA_REDIS_URL: 'redis://r',
    })
    expect(shell([spring], names, {REDIS_URL: 'r', DISABLE_SPRING_REDIS_URL: 'true'})['SPRING_REDIS_URL']).toBe('unset')
  })
})

describe('JDBC_DATABASE_URL', () => {
  const names = [
    'JDBC_DATABASE_URL',
    'JDBC_DATABASE_USERNAME',
    'JDBC_DATABASE_PASSWORD',
    'SPRING_DATASOURCE_URL',
    'HEROKU_POSTGRESQL_RED_JDBC_URL',
  ]
  const of = (env: Record<string, string>) => shell([jdbcScript], names, env)

  test('is made of DATABASE_URL, with TLS where the server has it', () => {
    const url = 'jdbc:postgresql://db:5432/d1?password=s3c&sslmode=prefer&user=u1'
    expect(of({DATABASE_URL: 'postgres://u1:s3c@db:5432/d1'})).toMatchObject({
      JDBC_DATABASE_URL: url,
      JDBC_DATABASE_USERNAME: 'u1',
      JDBC_DATABASE_PASSWORD: 's3c',
      SPRING_DATASOURCE_URL: url,
    })
    expect(of({DATABASE_URL: 'postgres://u:p@db/d?sslmode=require&a=b'})['JDBC_DATABASE_URL']).toBe(
      'jdbc:postgresql://db/d?a=b&password=p&sslmode=require&user=u',
    )
  })

  test('is the pool’s where there is one, and MySQL’s of its add-ons', () => {
    expect(of({DATABASE_URL: 'postgres://u:p@db/d', DATABASE_CONNECTION_POOL_URL: 'postgres://u:p@pool/d'})['JDBC_DATABASE_URL']).toContain(
      '//pool/',
    )
    expect(of({JAWSDB_URL: 'mysql://u:p@my:3306/d'})['JDBC_DATABASE_URL']).toBe('jdbc:mysql://my:3306/d?password=p&user=u')
  })

  test('every attached database has one, with a password that holds anything', () => {
    const password = `a$b\`c"d'e%20`
    const found = shell([jdbcScript], ['HEROKU_POSTGRESQL_RED_JDBC_PASSWORD'], {
      HEROKU_POSTGRESQL_RED_URL: `postgres://u:${password}@red/d`,
    })
    expect(found['HEROKU_POSTGRESQL_RED_JDBC_PASSWORD']).toBe(password)
  })

  test('leaves alone what Spring was told, and what is no database', () => {
    expect(of({DATABASE_URL: 'postgres://u:p@db/d', SPRING_DATASOURCE_URL: 'mine'})['SPRING_DATASOURCE_URL']).toBe('mine')
    expect(of({DATABASE_URL: 'mongodb://u:p@db/d'})['JDBC_DATABASE_URL']).toBe('unset')
  })
})

describe('proxies', () => {
  const of = (env: Record<string, string>) => shell([...javaProxy], ['java_proxy'], env)['java_proxy']

  test('are system properties for Java', () => {
    expect(of({})).toBe('')
    expect(of({HTTPS_PROXY: 'http://proxy.corp:3128', no_proxy: 'localhost,.corp'})).toBe(
      ' -Dhttps.proxyHost=proxy.corp -Dhttps.proxyPort=3128 -Dhttp.nonProxyHosts=localhost|*.corp',
    )
    expect(of({http_proxy: 'http://joe:p%40ss@10.0.0.1:8080/'})).toContain('-Dhttp.proxyUser=joe -Dhttp.proxyPassword=p@ss')
  })

  test('are a settings file for Maven, in memory only', () => {
    const lines = [...javaProxy, ...mavenProxy.map(line => line.replaceAll('/dev/shm/', '"$TMPDIR"/'))]
    const text = shell([...lines, 'xml=$(cat "$TMPDIR"/maven-settings.xml)'], ['xml'], {
      HTTPS_PROXY: 'http://a&b:c@p:1',
      TMPDIR: tmpdir(),
    })['xml']
    expect(text).toContain('<protocol>https</protocol><host>p</host><port>1</port><username>a&amp;b</username>')
    expect(mavenProxy.join()).not.toMatch(/> \/(?!dev\/shm)/)
  })
})
