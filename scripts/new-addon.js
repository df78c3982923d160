#!/usr/bin/env node
// npm run new:addon SERVICE: a folder of addons/ to begin with. Everything that must be decided is marked in the files.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const service = process.argv[2] ?? ''
if (!/^[a-z][a-z0-9-]*$/.test(service)) {
  process.stderr.write('Usage: npm run new:addon SERVICE   (lower-case letters, digits and dashes, like heroku-redis)\n')
  process.exit(2)
}

const folder = join(fileURLToPath(new URL('..', import.meta.url)), 'addons', service)
try {
  mkdirSync(folder)
} catch (error) {
  process.stderr.write(`${error.code === 'EEXIST' ? `addons/${service} exists already.` : error.message}\n`)
  process.exit(1)
}
for (const [name, content] of Object.entries(files(service))) writeFileSync(join(folder, name), content)
process.stdout.write(`Made addons/${service}. Next:
  1. Dockerfile: the package, and the command that serves in the foreground.
  2. addon-manifest.json: plans, port, volume, health command, config var templates.
  3. README.md: what differs from Heroku's.
  4. npx vitest run --project unit test/unit/runtime/addons   (the contract finds the folder by itself)
  5. test/docker/addons.test.ts: a handshake. test/docker/addon-clients.test.ts: a client library, with a script in test/support/addon-clients.
`)

/** @param {string} service */
function files(service) {
  const short = service.replace(/^heroku-/, '')
  const prefix = short.toUpperCase().replaceAll('-', '_')
  return {
    'addon-manifest.json': `${JSON.stringify(manifest(service, short, prefix), null, 2)}\n`,
    Dockerfile: dockerfile(short),
    'README.md': `# ${service}\n\nWhat it is, which config vars it sets, and what differs from Heroku's.\n`,
  }
}

function manifest(service, short, prefix) {
  return {
    id: service,
    name: service,
    api: {
      config_vars_prefix: prefix,
      config_vars: [`${prefix}_URL`],
      regions: ['us', 'eu'],
      requires: ['many_per_app', 'attachable'],
      version: '3',
    },
    local: {
      human_name: service,
      description: `${short}, one server for each add-on.`,
      state: 'alpha',
      name_prefix: short,
      attachment: prefix,
      alternate_prefix: service.toUpperCase().replaceAll('-', '_'),
      port: 8080,
      volume: '/data',
      credentials: {password: {prefix: 'p', digits: 64}},
      env: {PASSWORD: '{{password}}'},
      config_vars: {[`${prefix}_URL`]: 'http://:{{password}}@{{host}}:{{port}}'},
      commands: {health: ['true']},
      plans: [
        {
          name: 'mini',
          human_name: 'Mini',
          description: '256 MB of memory, 1 GB of data',
          price: {cents: 0, unit: 'month'},
          default: true,
          limits: {memory: '256 MB', connections: 20, storage: '1 GB'},
        },
      ],
    },
  }
}

function dockerfile(short) {
  return `FROM debian:13-slim
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${short} \\
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --no-create-home ${short} && install -d -o ${short} -m 700 /data
USER ${short}
EXPOSE 8080
ENTRYPOINT ["${short}"]
`
}
