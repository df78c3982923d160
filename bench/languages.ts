import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {World} from '../test/support/world.js'
import {filesIn} from '../test/unit/runtime/slugs/source-files.js'
import type {Bare} from './bare.js'
import type {Bench} from './bench.js'
import {medians} from './rounds.js'
import {atMost, type BenchRow} from './row.js'

/** An example of a language, and how a bare script would build it after a change of its code. */
interface Language {
  name: string
  /** Folder of `examples/`; its first page says `greeting`, which is in `file` and is what changes. */
  example: string
  file: string
  greeting: string
  /** The toolchain's images: `hokku/go` runs it, `hokku/go-build` builds it. */
  toolchain: string
  /** The app is in the context's `app/`; what no change of code touches should be cached by then. */
  dockerfile(images: {run: string; build: string; slug: string; appId: string}): string
  command: string[]
}

const jdk = '/usr/local/heroku/jdk'

const languages: Language[] = [
  {
    name: 'go',
    example: 'go-hello',
    file: 'main.go',
    greeting: 'Hello from Go',
    toolchain: 'hokku/go',
    dockerfile: ({run, build}) =>
      [
        `FROM ${build} AS built`,
        'COPY --chown=1000:1000 app/ /app/',
        'RUN --mount=type=cache,id=hokku-bench-go,target=/tmp/go,uid=1000,gid=1000 PATH=/usr/local/heroku-build/go/bin:$PATH GOBIN=/app/bin GOPATH=/tmp/go/path GOCACHE=/tmp/go/build go install .',
        `FROM ${run}`,
        'COPY --from=built --chown=1000:1000 /app/ /app/',
      ].join('\n'),
    command: ['bin/hello'],
  },
  {
    name: 'java',
    example: 'java-maven',
    file: 'src/main/java/hello/Web.java',
    greeting: 'says hello',
    toolchain: 'hokku/maven',
    // The local repository is the app's own: what a bare build would download once is there.
    dockerfile: ({run, build, appId}) =>
      [
        `FROM ${build} AS built`,
        'COPY --chown=1000:1000 app/ /app/',
        `RUN --mount=type=cache,id=hokku-maven-${appId},target=/tmp/maven,uid=1000,gid=1000 JAVA_HOME=${jdk} PATH=/usr/local/heroku-build/maven/bin:$PATH mvn -B -q -Dmaven.repo.local=/tmp/maven/repository -DskipTests clean dependency:list install`,
        `FROM ${run}`,
        'COPY --from=built --chown=1000:1000 /app/ /app/',
      ].join('\n'),
    command: [`${jdk}/bin/java`, '-cp', 'target/hello.jar', 'hello.Web'],
  },
  {
    name: 'scala',
    example: 'scala-sbt',
    file: 'src/main/scala/Web.scala',
    greeting: 'says hello',
    toolchain: 'hokku/sbt',
    dockerfile: ({run, build, appId}) =>
      [
        `FROM ${build} AS built`,
        'COPY --chown=1000:1000 app/ /app/',
        `RUN --mount=type=cache,id=hokku-sbt-${appId},target=/tmp/sbt,uid=1000,gid=1000 PATH=${jdk}/bin:$PATH java -Xmx1536m -Xss4m -Dsbt.ivy.home=/tmp/sbt/ivy -Dsbt.coursier.home=/tmp/sbt/coursier -Dsbt.boot.directory=/tmp/sbt/boot -Dsbt.global.base=/tmp/sbt/global -jar /usr/local/heroku/sbt/sbt-launch.jar compile stage`,
        `FROM ${run}`,
        'COPY --from=built --chown=1000:1000 /app/ /app/',
      ].join('\n'),
    command: ['sh', '-c', `PATH=${jdk}/bin:$PATH exec target/universal/stage/bin/hello`],
  },
  {
    name: 'python',
    example: 'python-flask',
    file: 'app.py',
    greeting: 'unless told otherwise',
    toolchain: 'hokku/cpython',
    dockerfile: ({run, slug}) =>
      `FROM ${run}\nCOPY --from=${slug} /app/.heroku/python /app/.heroku/python\nCOPY --chown=1000:1000 app/ /app/\n`,
    // As many workers as a dyno's profile script asks for.
    command: [
      'sh',
      '-c',
      'WEB_CONCURRENCY_SET_BY=bench WEB_CONCURRENCY=2 exec /app/.heroku/python/bin/gunicorn --bind 0.0.0.0:5000 app:app',
    ],
  },
  {
    name: 'ruby',
    example: 'ruby-plain',
    file: 'web.rb',
    greeting: 'says hello',
    toolchain: 'hokku/ruby',
    dockerfile: ({run, slug}) =>
      `FROM ${run}\nCOPY --from=${slug} /app/vendor/bundle /app/vendor/bundle\nCOPY --chown=1000:1000 app/ /app/\n`,
    command: ['sh', '-c', 'PORT=5000 RUBYLIB=/app/.heroku/ruby/same-line exec bundle exec ruby web.rb'],
  },
  {
    name: 'php',
    example: 'php-index',
    file: 'index.php',
    greeting: 'says hello',
    toolchain: 'hokku/php',
    dockerfile: ({run}) => `FROM ${run}\nCOPY --chown=1000:1000 app/ /app/\n`,
    command: ['sh', '-c', 'PATH=/app/.heroku/php/bin:$PATH PORT=5000 WEB_CONCURRENCY=4 exec heroku-php-apache2'],
  },
  {
    name: 'static',
    example: 'static-plain',
    file: 'index.html',
    greeting: 'Plain',
    toolchain: 'hokku/nginx',
    dockerfile: ({run}) => `FROM ${run}\nCOPY --chown=1000:1000 app/ /app/\n`,
    // The floor of a start too: nothing but nginx.
    command: [
      'sh',
      '-c',
      'mkdir /tmp/n && echo "daemon off; pid /tmp/n/pid; events {} http { access_log off; client_body_temp_path /tmp/n/b; proxy_temp_path /tmp/n/p; fastcgi_temp_path /tmp/n/f; uwsgi_temp_path /tmp/n/u; scgi_temp_path /tmp/n/s; server { listen 5000; root /app; } }" > /tmp/n/conf && exec /usr/sbin/nginx -e stderr -c /tmp/n/conf',
    ],
  },
]

/** For `languages:NAME`. */
export const languageNames = languages.map(({name}) => name)

/** A code-only push in each of these languages until the new release answers, against a bare rebuild of an equal app and a bare start of it. */
export async function languageRows(bench: Bench, names = languageNames): Promise<BenchRow[]> {
  const world = await bench.world()
  const rows: BenchRow[] = []
  for (const language of languages) if (names.includes(language.name)) rows.push(await languageRow(bench, world, language))
  return rows
}

async function languageRow({bare, rounds}: Bench, world: World, language: Language): Promise<BenchRow> {
  const app = await LanguageApp.create(world, bare, language)
  await app.push()
  const Dockerfile = await app.floor()
  await app.rebuild(Dockerfile)
  const found = await medians(rounds, {push: () => app.push(), rebuild: () => app.rebuild(Dockerfile)})
  const what = `${language.name}: code-only git push until the new release answers (floor: bare rebuild and start)`
  return atMost(1.5, {what, value: found.push, floor: found.rebuild, unit: 'ms'})
}

/** An example as an app of the bench's home, changed again and again. */
class LanguageApp {
  private count = 0

  private constructor(
    private readonly world: World,
    private readonly bare: Bare,
    private readonly language: Language,
    private readonly files: Record<string, string>,
    private readonly folder: string,
  ) {}

  private get name(): string {
    return `bench-${this.language.name}`
  }

  /** Made, not pushed yet. */
  static async create(world: World, bare: Bare, language: Language): Promise<LanguageApp> {
    const found = await filesIn(join(import.meta.dirname, '..', 'examples', language.example))
    const files = Object.fromEntries(found.map(({path, text = ''}) => [path, text]))
    const folder = await world.project(`bench-${language.name}`, files)
    await world.ok(['create', `bench-${language.name}`], folder)
    return new LanguageApp(world, bare, language, files, folder)
  }

  /** From `git push` of a change until the router serves it, in ms; resolves when the push has ended too. */
  async push(): Promise<number> {
    const {said, file} = this.change()
    await this.world.write(this.folder, file)
    await this.world.commit(this.folder, said)
    const began = performance.now()
    const push = this.world.push(this.folder)
    let ended: number | undefined
    push.then(({exitCode}) => {
      ended = exitCode
    })
    for (const deadline = began + 600_000; performance.now() < deadline && !ended; await sleep(5)) {
      const answer = await this.world.get(this.name).catch(() => undefined)
      if (answer?.status !== 200 || !answer.body.includes(said)) continue
      const took = performance.now() - began
      await push.then(() => sleep(500))
      return took
    }
    throw new Error(`${this.name} does not answer as it should:\n${(await push).stderr}`)
  }

  /** The Dockerfile of the floor, upon the images that the app's slug is made from. */
  async floor(): Promise<string> {
    const [image] = await this.world.engine.images({'hokku.app-name': this.name})
    const [slug] = image?.tags ?? []
    if (slug === undefined) throw new Error(`${this.name} has no slug.`)
    const run = await this.bare.basedOn(slug, this.language.toolchain)
    return this.language.dockerfile({run, build: run.replace(/:(?=[^:]*$)/, '-build:'), slug, appId: image?.labels['hokku.app'] ?? ''})
  }

  /** A bare build of a change, and a start until it answers, in ms: servers that listen before they have loaded the app are no measure. */
  async rebuild(Dockerfile: string): Promise<number> {
    const {said, file} = this.change()
    const context = Object.entries({...this.files, ...file}).map(([path, text]) => [`app/${path}`, text])
    const began = performance.now()
    const image = await this.bare.build(this.name, {Dockerfile, ...Object.fromEntries(context)})
    const remove = await this.bare.listening({image, command: this.language.command, user: '1000'}, said)
    const took = performance.now() - began
    await remove()
    return took
  }

  private change(): {said: string; file: Record<string, string>} {
    const {file, greeting} = this.language
    this.count += 1
    const said = `${greeting}, change ${this.count}`
    return {said, file: {[file]: (this.files[file] ?? '').replace(greeting, said)}}
  }
}
