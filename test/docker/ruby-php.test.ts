import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {root, slugWorkshop} from '../support/slug-workshop.js'
import {filesIn} from '../unit/runtime/slugs/source-files.js'

const {compile, inside, dispose} = await slugWorkshop()
afterAll(dispose)

describe('heroku/ruby', () => {
  test('lets Bundler take another patch release of the line, and no other line; Node.js from before is there', async () => {
    const files = [...(await filesIn(join(root, 'examples/ruby-plain'))), {path: 'package.json', text: '{"engines": {"node": "24.x"}}'}]
    const {slug, lines} = await compile(files, {buildpacks: ['heroku/nodejs', 'heroku/ruby']})
    expect(lines.join('\n')).toMatch(/Using Ruby version: ruby-3\.3\./)
    const asked = (version: string) =>
      `sed -i 's/^ruby .*/ruby "${version}"/' Gemfile; bundle exec ruby -e 'puts "taken"' 2>&1 | grep -oE 'taken|RubyVersionMismatch'`
    const command = [...['3.3.1', '~> 3.3.99', '3.2.9', '3.4.0'].map(asked), 'node -p 1', 'echo "[$WEB_CONCURRENCY]"'].join('; ')
    expect(await inside(slug?.image ?? '', command)).toBe('taken\ntaken\nRubyVersionMismatch\nRubyVersionMismatch\n1\n[]\n')
  }, 600_000)
})

/** Asks for an answer that takes two seconds, sends every process of the dyno SIGTERM meanwhile, and shows what came of both. */
const stopping = (server: string) =>
  [
    `PORT=5000 WEB_CONCURRENCY=2 heroku-php-${server} 2> /tmp/log & pid=$!`,
    'until curl -s -o /dev/null http://localhost:5000/; do sleep 0.2; done',
    "curl -sS 'http://localhost:5000/?slow' > /tmp/answer 2>&1 & curl=$!",
    'sleep 0.7; for one in /proc/[0-9]*; do case "$(cat $one/comm)" in php-fpm*|httpd|apache2|nginx|heroku-php*|cat) kill -TERM $(basename $one);; esac; done 2> /dev/null',
    'wait $curl; cat /tmp/answer; wait $pid; echo " $?"; tail -n 1 /tmp/log',
  ].join('\n')

describe('heroku/php', () => {
  test.each(['apache2', 'nginx'])(
    'behind %s ends what it has begun to answer before it stops',
    async server => {
      const index = {path: 'index.php', text: '<?php if (isset($_GET["slow"])) sleep(2); echo "whole";'}
      const {slug, error, lines} = await compile([index])
      expect(error, lines.join('\n')).toBeUndefined()
      expect(await inside(slug?.image ?? '', stopping(server))).toBe('whole 143\nShutdown complete.\n')
    },
    600_000,
  )
})
