/** App features one can switch; what they do is in the module that reads them. */
export const appFeatures: readonly {name: string; description: string; docUrl: string; state: 'general' | 'beta'}[] = [
  {
    name: 'runtime-dyno-metadata',
    description: 'HEROKU_APP_ID, HEROKU_RELEASE_VERSION and their kin in the environment of every dyno, from the next restart on',
    docUrl: 'https://devcenter.heroku.com/articles/dyno-metadata',
    state: 'beta',
  },
  {
    name: 'runtime-dyno-build-metadata',
    description: 'HEROKU_BUILD_COMMIT and HEROKU_BUILD_DESCRIPTION in the environment of every dyno, from the next restart on',
    docUrl: 'https://devcenter.heroku.com/articles/dyno-metadata',
    state: 'beta',
  },
  {
    name: 'http-session-affinity',
    description: 'Requests of one client go to one web dyno, by a cookie, also after the next release',
    docUrl: 'https://devcenter.heroku.com/articles/session-affinity',
    state: 'general',
  },
  {
    name: 'force-https',
    description: 'Requests over http are redirected to https',
    docUrl: 'https://devcenter.heroku.com/articles/ssl',
    state: 'general',
  },
  {
    name: 'hsts',
    description: 'Strict-Transport-Security: browsers that came over https once use nothing else for a year, on no port of the host',
    docUrl: 'https://devcenter.heroku.com/articles/ssl',
    state: 'general',
  },
  {
    name: 'http-end-to-end-continue',
    description: 'Expect: 100-continue reaches the web dyno, which answers it, instead of the router',
    docUrl: 'https://devcenter.heroku.com/articles/http-routing',
    state: 'beta',
  },
]
