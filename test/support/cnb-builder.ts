import {Readable} from 'node:stream'
import type {Engine} from '../../src/lib/engine/engine.js'
import {filesTar} from '../../src/lib/runtime/slugs/tar-write.js'
import {lifecycleVersion} from './cnb-lifecycle.js'

export interface TestBuilder {
  lifecycle: string
  tag: string
  runImage: string
  labels: Record<string, string>
  platformApis?: string[]
}

const buildpacks = [
  {id: 'test/deps', version: '1.0.0'},
  {id: 'test/app', version: '2.1.0'},
]

/**
 * Makes a builder as its makers do: the lifecycle, buildpacks, an order and labels upon a base; and the run image that it names. Both upon
 * debian:13-slim, with a user 1042 that owns what the build makes.
 */
export async function makeBuilder(engine: Engine, {lifecycle, tag, runImage, labels, platformApis}: TestBuilder): Promise<void> {
  const metadata = {
    description: 'made by a test',
    buildpacks,
    stack: {runImage: {image: runImage}},
    images: [{image: runImage}],
    lifecycle: {
      version: lifecycleVersion,
      apis: {buildpack: {supported: ['0.10']}, platform: {supported: platformApis ?? ['0.12', '0.13', '0.14'], deprecated: []}},
    },
  }
  const order = [{group: buildpacks.map(({id, version}) => ({id, version}))}]
  const user = 'RUN groupadd -g 1043 cnb && useradd -u 1042 -g 1043 -m -d /home/cnb -s /bin/bash cnb'
  await image(engine, runImage, labels, [], ['FROM debian:13-slim', user, 'ENV FROM_RUN_IMAGE=yes', 'USER 1042:1043'])
  await image(
    engine,
    tag,
    {...labels, 'io.buildpacks.builder.metadata': JSON.stringify(metadata), 'io.buildpacks.buildpack.order': JSON.stringify(order)},
    [...files, {path: 'order.toml', text: orderToml}],
    [
      'FROM debian:13-slim',
      user,
      `COPY --from=${lifecycle} /cnb/ /cnb/`,
      'COPY buildpacks/ /cnb/buildpacks/',
      'COPY order.toml /cnb/order.toml',
      'ENV CNB_USER_ID=1042 CNB_GROUP_ID=1043 CNB_STACK_ID=io.hokku.test',
      'USER 1042:1043',
    ],
  )
}

interface File {
  path: string
  text: string
  mode?: number
}

async function image(engine: Engine, tag: string, labels: Record<string, string>, given: File[], dockerfile: string[]): Promise<void> {
  const context = [{path: 'Dockerfile', text: `${dockerfile.join('\n')}\n`}, ...given]
  await engine.build({
    context: Readable.from([filesTar(context.map(({text, ...file}) => ({...file, content: Buffer.from(text)})))]),
    tags: [tag],
    labels,
    onProgress: () => undefined,
  })
}

const orderToml = `[[order]]
${buildpacks.map(({id, version}) => `[[order.group]]\nid = "${id}"\nversion = "${version}"\n`).join('')}`

function buildpack(index: number, scripts: Record<'detect' | 'build', string>): File[] {
  const {id, version} = buildpacks[index] as (typeof buildpacks)[number]
  const folder = `buildpacks/${id.replace('/', '_')}/${version}`
  const toml = `api = "0.10"\n[buildpack]\nid = "${id}"\nversion = "${version}"\n[[targets]]\nos = "linux"\n`
  return [
    {path: `${folder}/buildpack.toml`, text: toml},
    ...Object.entries(scripts).map(([name, text]) => ({path: `${folder}/bin/${name}`, text: `#!/bin/bash\nset -eu\n${text}`, mode: 0o755})),
  ]
}

/** A cached layer of dependencies, made again only when deps.txt has changed; and what only builds see. */
const deps = buildpack(0, {
  detect: '[ -e deps.txt ] || { echo "deps.txt is not there"; exit 100; }\n',
  build: `layer=$CNB_LAYERS_DIR/deps sum=$(sha256sum deps.txt | cut -c1-64)
if [ -d "$layer" ] && grep -q "$sum" "$layer.toml"; then
  echo "[deps] using the dependencies again"
else
  echo "[deps] installing dependencies"
  rm -rf "$layer"
  mkdir -p "$layer/bin" "$layer/env" "$layer/env.launch/worker"
  cat /proc/sys/kernel/random/uuid > "$layer/stamp"
  printf '#!/bin/bash\\necho "deps %s"\\n' "$(cat deps.txt)" > "$layer/bin/show-deps"
  chmod 755 "$layer/bin/show-deps"
  ln -s show-deps "$layer/bin/show"
  printf %s "$(cat "$layer/stamp")" > "$layer/env/DEPS_STAMP.override"
  printf worker > "$layer/env.launch/worker/ROLE.override"
fi
printf '[types]\\nlaunch = true\\nbuild = true\\ncache = true\\n[metadata]\\nsum = "%s"\\nformat = 3\\n' "$sum" > "$layer.toml"
mkdir -p "$CNB_LAYERS_DIR/only-build"
printf %s "only for builds" > "$CNB_LAYERS_DIR/only-build/note"
printf '[types]\\nbuild = true\\n' > "$CNB_LAYERS_DIR/only-build.toml"
printf '[metadata]\\nbuilds = %s\\n' "$(( $(grep -o '[0-9]*$' "$CNB_LAYERS_DIR/store.toml" 2> /dev/null || echo 0) + 1 ))" > "$CNB_LAYERS_DIR/store.toml"
echo "[deps] build $(grep -o '[0-9]*$' "$CNB_LAYERS_DIR/store.toml") as $(id -u):$(id -g)"
`,
})

/** A layer for launch alone, left as it was while tool.txt is the same; the processes; and what the build sees of its variables. */
const app = buildpack(1, {
  detect: 'exit 0\n',
  build: `layer=$CNB_LAYERS_DIR/tool sum=$(sha256sum tool.txt | cut -c1-64)
if [ -e "$layer.toml" ] && grep -q "$sum" "$layer.toml"; then
  echo "[app] leaving the tool as it was; its files are $([ -e "$layer" ] && echo here || echo not here)"
else
  echo "[app] making the tool"
  rm -rf "$layer"
  mkdir -p "$layer/exec.d"
  printf '#!/bin/bash\\necho "FROM_EXEC_D = \\\\"%s\\\\"" >&3\\n' "$(cat tool.txt)" > "$layer/exec.d/tool"
  chmod 755 "$layer/exec.d/tool"
fi
printf '[types]\\nlaunch = true\\n[metadata]\\nsum = "%s"\\n' "$sum" > "$layer.toml"
secret=$CNB_PLATFORM_DIR/env/PLANTED
echo "[app] witness: $([ -e "$secret" ] && wc -c < "$secret" || echo none), $(cat "$CNB_PLATFORM_DIR/env/COLOUR" 2> /dev/null || echo colourless)"
echo "[app] sees $DEPS_STAMP $(show-deps)"
if [ -e fail ]; then echo "[app] failing" >&2; exit 7; fi
if [ -e endless ]; then echo "[app] waiting"; sleep 600; fi
echo built > built-by-buildpack
cat > "$CNB_LAYERS_DIR/launch.toml" <<'END'
[[processes]]
type = "web"
command = ["perl", "server.pl"]
default = true
[[processes]]
type = "worker"
command = ["bash", "-c", "echo $ROLE $FROM_EXEC_D; show-deps"]
[[processes]]
type = "release"
command = ["bash", "-c", "echo releasing with $COLOUR"]
[[labels]]
key = "io.hokku.test.label"
value = "a \\"label\\" of $5"
END
`,
})

const files = [...deps, ...app]

/** In Perl, which the run image has; what it answers is its version and the variables that it should see. */
export const cnbServer = `use strict; use IO::Socket::INET; $| = 1;
my $s = IO::Socket::INET->new(LocalPort => $ENV{PORT}, Listen => 5, ReuseAddr => 1) or die;
$SIG{TERM} = sub { print "bye\\n"; exit 0 };
while (my $c = $s->accept) {
  while (defined(my $l = <$c>)) { last if $l =~ /^\\r?$/ }
  my $body = join "\\n", 'VERSION', map { "$_=" . ($ENV{$_} // '') } qw(DEPS_STAMP FROM_EXEC_D FROM_RUN_IMAGE COLOUR);
  print $c "HTTP/1.0 200 OK\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body"; close $c;
}
`

/** An app that the builder's buildpacks know. */
export function cnbApp(builder: string) {
  return {
    'project.toml': `[_]\nschema-version = "0.2"\n[io.buildpacks]\nbuilder = "${builder}"\n`,
    'deps.txt': 'one',
    'tool.txt': 'hammer',
    'server.pl': cnbServer.replace('VERSION', 'version 1'),
  }
}
