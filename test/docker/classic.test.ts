import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {BuildFailure} from '../../src/lib/runtime/slugs/compile.js'
import {slugWorkshop} from '../support/slug-workshop.js'

const {directory, compile, inside, dispose} = await slugWorkshop()
afterAll(dispose)

let made = 0

/** A folder with those scripts in `bin`. */
function buildpack(scripts: Record<string, string>): string {
  const folder = join(directory, `buildpack-${++made}`)
  mkdirSync(join(folder, 'bin'), {recursive: true})
  for (const [name, text] of Object.entries(scripts))
    writeFileSync(join(folder, 'bin', name), `#!/usr/bin/env bash\nset -e\n${text}\n`, {mode: 0o755})
  return folder
}

const detect = 'echo "Tiny"'
const release = 'printf -- "---\\ndefault_process_types:\\n  web: bin/serve\\n  worker: bin/work\\n"'
const source = [{path: 'index.txt', text: 'one'}]

describe('a classic buildpack', () => {
  test('detects, compiles with its three folders, and releases', async () => {
    const compileScript = [
      'echo "-----> Making things"',
      'cat "$3/GREETING" > "$1/greeting"; stat -c %a "$3/GREETING"',
      `echo "\${GREETING:-not exported}; HOME=$HOME; STACK=$STACK"`,
      'date +%s%N >> "$2/times"; wc -l < "$2/times"',
      'mkdir -p "$1/.profile.d"; echo "export TINY=yes" > "$1/.profile.d/tiny.sh"',
      'cp "$(cd "$(dirname "$0")/.." && pwd)/bin/detect" "$1/copied"',
    ].join('\n')
    const at = {
      appId: crypto.randomUUID(),
      buildpacks: [buildpack({detect, compile: compileScript, release})],
      configVars: {GREETING: "it's\n$HOME"},
    }
    const {lines, slug} = await compile(source, at)
    expect(lines).toEqual(
      expect.arrayContaining(['-----> Tiny app detected', '-----> Making things', '600', 'not exported; HOME=/app; STACK=heroku-24', '1']),
    )
    expect(slug).toMatchObject({processTypes: {web: 'bin/serve', worker: 'bin/work'}, buildpackDescription: 'Tiny'})
    expect(await inside(slug?.image ?? '', 'cat greeting; echo; echo $TINY; ls -A /app; ls /tmp; test -x copied')).toBe(
      "it's\n$HOME\nyes\n.profile.d\ncopied\ngreeting\nindex.txt\n",
    )
    const again = await compile([{path: 'index.txt', text: 'two'}], at)
    expect(again.lines).toContain('2')
  })

  test('hands on its environment to those after it, ours and others, and the last one’s release counts', async () => {
    const first = buildpack({
      detect,
      compile: 'echo "export GIVEN=on" > "$(dirname "$0")/../export"; echo made > "$1/made"; echo "worker: bin/work" > "$1/Procfile"',
      release,
    })
    const last = buildpack({
      detect: 'test -f "$1/built" && echo Last',
      compile: 'echo "given $GIVEN, $(node --version | cut -c1-3), made $(cat $1/made)"',
      release: 'echo "default_process_types: {web: \\"$GIVEN serve\\"}"',
    })
    const manifest = JSON.stringify({engines: {node: '24.x'}, scripts: {build: 'echo built $GIVEN > built'}})
    const {lines, slug} = await compile([{path: 'package.json', text: manifest}, ...source], {buildpacks: [first, 'heroku/nodejs', last]})
    expect(lines.join('\n')).toContain('given on, v24, made made')
    expect(slug).toMatchObject({processTypes: {web: 'on serve', worker: 'bin/work'}, buildpackDescription: 'Tiny, Node.js, Last'})
    expect(await inside(slug?.image ?? '', 'cat built made; node --version | cut -c1-3')).toBe('built on\nmade\nv24\n')
  })

  test('that does not know the source, or fails, ends the build with Heroku’s words', async () => {
    const stranger = buildpack({detect: 'echo "only for Elm" >&2; exit 1', compile: 'true'})
    const refused = await compile(source, {buildpacks: [stranger]})
    expect(refused.error).toBeInstanceOf(BuildFailure)
    expect(refused.lines).toEqual(expect.arrayContaining(['only for Elm', `-----> App not compatible with buildpack: ${stranger}`]))
    expect(refused.lines.join('\n')).not.toContain('failed to compile')
    const broken = await compile(source, {buildpacks: [buildpack({detect, compile: 'echo " !     no luck" >&2; exit 3'})]})
    expect(broken.lines).toContain(' !     no luck')
    expect(broken.lines.at(-1)).toBe(' !     Push rejected, failed to compile Tiny app.')
  })

  test('may change the source for one of ours: what that sees is what the first one made', async () => {
    const subfolder = buildpack({
      detect,
      compile: [
        'mv "$1/$(cat "$3/APP_BASE")" /tmp/stage; rm -rf "$1"; mv /tmp/stage "$1"; ln -s "$1/s.js" "$1/link.js"; ln -s /usr/bin/env "$1/env"',
        'mkdir "$1/tools"; echo "echo tool" > "$1/tools/tool"; chmod +x "$1/tools/tool"',
        'echo "export PATH=\\"$1/tools:\\$PATH\\" FROM_FIRST=yes" > "$(dirname "$0")/../export"',
      ].join('\n'),
    })
    const manifest = (more: object) =>
      JSON.stringify({engines: {node: '24.x'}, scripts: {build: 'echo $(tool) $FROM_FIRST > out'}, ...more})
    const files = [
      {path: 'web/package.json', text: manifest({})},
      {path: 'web/s.js', text: 'x'},
      {path: 'package.json', text: manifest({engines: {node: '20.x'}})},
    ]
    const at = {buildpacks: [subfolder, 'heroku/nodejs'], configVars: {APP_BASE: 'web'}}
    const {slug, lines} = await compile(files, at)
    expect(slug, lines.join('\n')).toMatchObject({processTypes: {web: 'npm start'}, buildpackDescription: 'Tiny, Node.js'})
    const look = 'node --version | cut -c1-3; ls; cat out link.js; readlink env'
    expect(await inside(slug?.image ?? '', look)).toContain(
      'v24\nenv\nlink.js\nnode_modules\nout\npackage-lock.json\npackage.json\ns.js\ntools\ntool yes\nx/usr/bin/env',
    )
  })

  test('may replace the folder it builds in, as those for monorepos do', async () => {
    const subfolder = buildpack({detect, compile: 'mv "$1/web" /tmp/stage; rm -rf "$1"; mv /tmp/stage "$1"'})
    const {slug, lines} = await compile(
      [
        {path: 'web/page.txt', text: 'hi'},
        {path: 'other.txt', text: 'x'},
      ],
      {buildpacks: [subfolder]},
    )
    expect(await inside(slug?.image ?? '', 'ls -A /app'), lines.join('\n')).toBe('page.txt\n')
  })

  test('may lie in the source itself', async () => {
    const files = [
      {path: 'bin/detect', text: '#!/bin/sh\necho Inline'},
      {path: 'bin/compile', text: '#!/bin/sh\necho "compiled in $1" > $1/out'},
      {path: 'bin/release', text: '#!/bin/sh\necho "default_process_types: {web: cat out}"'},
    ]
    const {slug} = await compile(files, {buildpacks: ['heroku-community/inline']})
    expect(slug).toMatchObject({processTypes: {web: 'cat out'}, buildpackDescription: 'Inline'})
  })
})

test('heroku-community/apt gives packages of an Aptfile to later buildpacks and to dynos', async () => {
  const manifest = JSON.stringify({engines: {node: '24.x'}, scripts: {build: 'echo [1,2] | jq .[1] > second'}})
  const files = [
    {path: 'Aptfile', text: '# with libjq\njq\n'},
    {path: 'package.json', text: manifest},
  ]
  const {slug, lines} = await compile(files, {buildpacks: ['heroku-community/apt', 'heroku/nodejs']})
  expect(lines).toContain('-----> Installing apt packages')
  expect(await inside(slug?.image ?? '', 'cat second; which jq; echo [3] | jq .[0]'), lines.join('\n')).toBe('2\n/app/.apt/usr/bin/jq\n3\n')
}, 300_000)
