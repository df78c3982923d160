import {afterAll, describe, expect, test} from 'vitest'
import type {CompiledSlug} from '../../src/lib/runtime/slugs/compile.js'
import {ask} from '../support/ask.js'
import {eventually} from '../support/eventually.js'
import {slugWorkshop} from '../support/slug-workshop.js'

const {compile, started, inside, dispose} = await slugWorkshop()
afterAll(dispose)

/** Answers as Gradle's wrapper does for a Spring Boot app: no distribution of Gradle is needed. */
const gradlew = `#!/bin/sh
case "$*" in
  --version) echo; echo "Gradle 8.14" ;;
  *heroku-list-all-dependencies*) echo "+--- org.springframework.boot:spring-boot-starter-web:3.5.0" ;;
  *'tasks --all'*) echo "build - Assembles and tests this project." ;;
  'build -x check')
    test -s "$GRADLE_USER_HOME/init.gradle" || exit 3
    echo "node here: $(command -v node || echo none)"
    mkdir -p build/libs build/classes
    javac -d build/classes Web.java
    touch build/libs/web-plain.jar
    jar cfe build/libs/web.jar Web -C build/classes .
    ;;
  broken) echo "Task 'broken' not found in root project 'x'."; exit 1 ;;
esac
`
const web = `import com.sun.net.httpserver.HttpServer;
public class Web {
  public static void main(String[] args) throws Exception {
    byte[] body = ("port by property: " + System.getProperty("server.port").equals(System.getenv("PORT"))).getBytes();
    HttpServer server = HttpServer.create(new java.net.InetSocketAddress(Integer.getInteger("server.port")), 0);
    server.createContext("/", exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
`
const gradleApp = [
  {path: 'gradlew', text: gradlew},
  {path: 'Web.java', text: web},
  {path: 'system.properties', text: 'java.runtime.version=21\n'},
]

describe('heroku/gradle', () => {
  test.each([8, 11])(
    'builds and runs with JDK %i, which Debian packed for another of its releases',
    async line => {
      const {lines, slug, error} = await compile([
        ...gradleApp.slice(0, 2),
        {path: 'system.properties', text: `java.runtime.version=${line}\n`},
      ])
      expect(error, lines.join('\n')).toBeUndefined()
      const url = await started(slug as CompiledSlug)
      await eventually(async () => expect((await ask(url)).body).toBe('port by property: true'), 60_000)
    },
    600_000,
  )

  test('asks the wrapper what the app is, builds and starts it as Heroku does', async () => {
    const {lines, slug, error} = await compile(gradleApp)
    expect(error, lines.join('\n')).toBeUndefined()
    const told = [
      '-----> Starting Gradle daemon',
      '-----> Executing Gradle',
      '       $ ./gradlew build -x check',
      '-----> Stopping Gradle daemon',
    ]
    expect(lines.filter(line => told.includes(line))).toEqual(told)
    expect(lines).toContain(' !     Warning: Gradle version approaching end-of-life.')
    expect(slug?.processTypes).toEqual({web: 'java -Dserver.port=$PORT $JAVA_OPTS -jar ./build/libs/web.jar'})
    const url = await started(slug as CompiledSlug)
    await eventually(async () => expect((await ask(url)).body).toBe('port by property: true'), 30_000)
  }, 600_000)

  test('says which task there is not', async () => {
    const {lines} = await compile(gradleApp, {configVars: {GRADLE_TASK: 'broken'}})
    expect(lines).toContain(" !     Error: Gradle task 'broken' not found.")
    expect(lines.at(-1)).toBe(' !     Push rejected, failed to compile Gradle app.')
  }, 600_000)

  test('finds Node.js where heroku/nodejs ran before it', async () => {
    const files = [...gradleApp, {path: 'package.json', text: JSON.stringify({engines: {node: '24.x'}})}]
    const {lines, slug} = await compile(files, {buildpacks: ['heroku/nodejs', 'heroku/gradle']})
    expect(lines).toContain('       node here: /app/.heroku/node/bin/node')
    expect(await inside(slug?.image ?? '', 'java -version 2>&1 | grep -c version.*21; which node java')).toBe(
      '1\n/app/.heroku/node/bin/node\n/app/.heroku/jdk/bin/java\n',
    )
  }, 600_000)
})

describe('heroku/jvm', () => {
  test('gives a JDK whose certificates are the stack’s, and none of the host’s', async () => {
    const {slug} = await compile([gradleApp[2]!], {buildpacks: ['heroku/jvm']})
    const listed = await inside(slug?.image ?? '', 'unset JAVA_TOOL_OPTIONS; keytool -list -cacerts -storepass changeit')
    const known = await inside(slug?.image ?? '', 'grep -c BEGIN /etc/ssl/certs/ca-certificates.crt')
    expect(listed).toContain(`contains ${known.trim()} entries`)
    expect(listed).not.toContain('host-0')
  }, 600_000)
})
