import {aliasesOf} from '../aliases.js'
import type {Buildpack} from '../buildpack.js'
import {boot} from './boot.js'
import {nginxConf} from './nginx-conf.js'
import {readStaticJson} from './static-json.js'
import {nginxToolchain} from './toolchain.js'

/** heroku-community/static, and beyond Heroku's: a folder with an index.html, when nothing else takes it. */
export const staticSite: Buildpack = {
  name: 'heroku-community/static',
  aliases: [...aliasesOf('heroku-community/static', 'heroku-buildpack-static'), /^(urn:buildpack:)?heroku\/static$/],
  async detect(source) {
    // With a package.json the index.html is something that a build starts from.
    const plain = source.has('index.html') && !source.has('package.json')
    return source.has('static.json') || plain ? 'Static HTML' : undefined
  },
  async rejection() {
    return [
      "Could not find 'static.json'! Please ensure it exists and is checked into Git.",
      '',
      'It says where the files of the site are, for an app that a build by heroku/nodejs',
      'writes to dist/, say: {"root": "dist/"}. A site without a build needs none, only',
      'an index.html at the root of the source.',
    ]
  },
  async compile(source) {
    const site = await readStaticJson(source)
    return {
      buildpack: 'heroku-community/static',
      language: 'Static HTML',
      toolchains: [nginxToolchain],
      path: [],
      env: {},
      decisions: [{heading: `Serving ${site.root || 'public_html/'} with nginx`, lines: []}],
      dependencies: undefined,
      build: [],
      closing: [],
      files: {'bin/boot': boot, '.heroku/static/nginx.conf.template': nginxConf(site)},
      warnings: [],
    }
  },
  async release() {
    return {defaultProcessTypes: {web: 'bin/boot'}}
  },
}
