import type {ConfigVars, ProcessTypes} from '../../schema/resources.js'

/** The app's source, after .slugignore: an index of paths relative to the root, contents on demand. */
export interface Source {
  /** Regular files and symlinks, sorted. */
  readonly paths: readonly string[]
  has(path: string): boolean
  /** Whether anything lies under that folder. */
  hasFolder(path: string): boolean
  /** UTF-8 text; undefined when there is no such file. */
  text(path: string): Promise<string | undefined>
}

/** Where versions of npm packages are looked up; never downloads. */
export interface PackageIndex {
  versions(name: string): Promise<string[]>
}

/** What only a language's own client knows (`go list -m -versions …`): shell lines that run in a build image. */
export interface Question {
  /** Names the question and its answer, `[a-z0-9.-]+`: `go-versions`. */
  id: string
  /** None: what the build image itself has (apt). */
  toolchain?: Toolchain
  /** As root, with the network. What they print on stdout is the answer. */
  run: string[]
}

/** Asks, and keeps an answer for a day; an older one is used when the client has none. Throws RejectedSource without any. */
export interface Clients {
  ask(question: Question): Promise<string[]>
}

/** Files of the image that was built. */
export interface BuiltImage {
  /** UTF-8 text of the file at that absolute path; undefined when there is none. */
  text(path: string): Promise<string | undefined>
}

export interface BuildEnv {
  stack: string
  architecture: 'x64' | 'arm64'
  /** Decides which lines of a language are in long-term support. */
  now: Date
  configVars: ConfigVars
  packages: PackageIndex
  clients: Clients
  /** Names of the buildpacks that run before this one on the app. */
  before?: readonly string[]
}

/** A package of a language's registry, as it is downloaded. */
export interface Download {
  registry: 'npm'
  name: string
  version: string
}

export interface DebianPackages {
  run: string[]
  build: string[]
  /** Those whose names fit these globs come from another suite (`bookworm`), with what the stack's own does not have. */
  from?: {suite: string; packages: string[]}
}

/** A language's binaries: one image per content, built once and shared by every app that asks for the same. */
export interface Toolchain {
  /** `node`: the folder `/app/.heroku/node` */
  name: string
  /** Debian packages: `run` for every image, `build` for what only builds need. */
  debian?: DebianPackages
  downloads: Download[]
  /**
   * Shell lines, run as root with all Debian packages there and the network. `/downloads/<n>.tgz` are the downloads in order.
   * `/out/run/<name>` is what they make for every image (`/app/.heroku/<name>` leads there), `/out/build/<name>` what only builds
   * need (`/usr/local/heroku-build/<name>`). None: the Debian packages are all there is.
   */
  install: string[]
}

/** A folder that outlives builds and is in no image. Each app has its own: what one put there, another would run. */
export interface Cache {
  id: string
  target: string
}

/** One thing that runs. What it prints is shown below its heading. */
export interface BuildStep {
  /** Unique in a plan, `[a-z-]+`. */
  name: string
  /** `-----> Installing dependencies` */
  heading: string
  /** Printed below the heading before anything runs. */
  introduction: string[]
  /** Shell lines (`bash -e -o pipefail`), run in /app by the dyno's user. */
  run: string[]
  /** Set for this step only. */
  env: Record<string, string>
  caches: Cache[]
  /** The config vars it may depend on: a change of one runs it again. Patterns: `NPM_*`, `*`. It sees no others. */
  configVars: string[]
  /** How the step gets its config vars: exported, or as a file for each in `/tmp/env`. Default: exported. */
  vars?: 'exported' | 'files'
  /** `verbatim`: it prints its own headings, and `heading` is not printed. Default: its lines are indented below the heading. */
  output?: 'indented' | 'verbatim'
}

/** Steps that need only a few files: their result is a layer that no change of code touches. */
export interface Dependencies {
  /** The files they see. */
  files: string[]
  /** The folders they make; nothing else of theirs reaches the slug. */
  folders: string[]
  install: BuildStep
  /** Runs after the app was built, on what `install` made. Undefined when there is nothing to prune. */
  prune: BuildStep | undefined
}

/** A file or symlink of a buildpack that is not ours. */
export interface PackedFile {
  path: string
  content: Buffer
  /** `0o755` */
  mode: number
  /** Where it leads, of a symlink. */
  link?: string
}

/** Where classic buildpacks find the source, as on Heroku: not where it will run. */
export const classicSource = '/tmp/build_app'

/** What a buildpack wants done. Plain data: the same source and config vars give the same plan. */
export interface BuildPlan {
  /** `heroku/nodejs` */
  buildpack: string
  /** `Node.js` */
  language: string
  toolchains: Toolchain[]
  /** Folders of commands, before the system's own; every step of this plan and of later ones has them. */
  path: string[]
  /** Environment of every step of this plan and of later ones; config vars come over it. */
  env: Record<string, string>
  /** A Java keystore of certificates in the build image: steps of this plan and of later ones find one with the host's in its place. */
  keystore?: string
  /** Printed first, each with its heading: what was decided and why. */
  decisions: {heading: string; lines: string[]}[]
  /** Printed after the steps: what was left out and why. */
  closing: {heading: string; lines: string[]}[]
  dependencies: Dependencies | undefined
  /** Over the whole source, in order, after the dependencies. */
  build: BuildStep[]
  /**
   * A third-party buildpack of Heroku's classic kind: its steps work on `classicSource` and find its files in `folder`. Steps after them
   * source `export` from there. A build with one of these runs every plan's steps in order over the whole source.
   */
  classic?: {
    folder: string
    files: PackedFile[]
    /** The file in which its step leaves what it detected. */
    language: string
  }
  /**
   * Files added to the app, unless the source has them: path → text. `.profile.d/nodejs.sh`; a `Procfile` counts as the app's.
   * What begins with `#!` is executable.
   */
  files: Record<string, string>
  /** `of-image`: its steps may write a Procfile when the source has none; it counts as the app's. Costs a container to look. */
  procfile?: 'of-image'
  /** Printed when the build has succeeded. */
  warnings: string[]
}

export interface Release {
  defaultProcessTypes: ProcessTypes
  /** Add-on services that an app of this kind needs; an app gets them with its first slug. */
  addons?: string[]
  /** What a classic buildpack detected. */
  language?: string | undefined
}

/** Heroku's three verbs. */
export interface Buildpack {
  /** `heroku/nodejs` */
  name: string
  /** Other names it goes by: URLs, URNs. */
  aliases: RegExp[]
  /** The language's name, `Node.js`, when this source is for it. */
  detect(source: Source): Promise<string | undefined>
  /** Why `detect` said no, in lines; shown only when the buildpack was set explicitly. */
  rejection(source: Source): Promise<string[]>
  /** Throws RejectedSource when the source cannot be built. */
  compile(source: Source, env: BuildEnv): Promise<BuildPlan>
  /** Looks into the image only where the source cannot tell: each file read costs a container. */
  release(source: Source, image: BuiltImage): Promise<Release>
  /** Printed when one of its steps has failed, as the buildpack does. */
  consolation?: string[]
}

/** The source asks for something impossible; the message has a line per line of output, Heroku's wording where there is one. */
export class RejectedSource extends Error {
  constructor(lines: string[]) {
    super(lines.join('\n'))
    this.name = 'RejectedSource'
  }
}
