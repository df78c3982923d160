import type {Toolchain} from '../buildpack.js'
import type {Ruby} from './ruby-version.js'
import {sameLine} from './same-line.js'

const rubyHome = '/app/.heroku/ruby'
/** en_US.UTF-8, which Heroku's stacks have: with a LANG that does not exist Ruby takes all text for ASCII. */
export const locales = `${rubyHome}/locale`
/** For RUBYLIB: RubyGems loads what is in there before it loads Bundler, which no `-r` in RUBYOPT precedes. */
export const acceptSameLine = `${rubyHome}/same-line`

/** Debian's Ruby, RubyGems and Bundler, all of one suite: they count on each other's version. */
export function rubyToolchain({version, suite, own}: Ruby): Toolchain {
  const from = own ? {} : {from: {suite, packages: ['ruby*', 'libruby*', 'rake', 'bundler']}}
  return {
    name: 'ruby',
    debian: {
      // What nokogiri and mysql2 are linked with, which Heroku's stacks have.
      run: ['ruby', 'ruby-bundler', 'libmariadb3', 'libxml2', 'libxslt1.1'],
      build: ['ruby-dev', 'libmariadb-dev', 'libxml2-dev', 'libxslt1-dev'],
      ...from,
    },
    downloads: [],
    install: [
      `: Ruby ${version}`,
      'apt-get -qq update && apt-get -qq install -y --no-install-recommends locales > /dev/null',
      'mkdir -p /out/run/ruby/locale /out/run/ruby/same-line/rubygems/defaults',
      'localedef --no-archive -i en_US -f UTF-8 /out/run/ruby/locale/en_US.UTF-8',
      `printf %s ${Buffer.from(sameLine).toString('base64')} | base64 -d > /out/run/ruby/same-line/rubygems/defaults/ruby.rb`,
    ],
  }
}
