import {boolean, string} from '@oclif/core/flags'

const remoteFlag = string({char: 'r', description: 'git remote of app to use'})

/** `-a/--app` and `-r/--remote`: hand them to `this.target(flags)`. */
export const appFlags = {
  app: string({char: 'a', description: 'app to run command against (or HOKKU_APP)'}),
  remote: remoteFlag,
}

/** For commands with `static enableJsonFlag = true`: run() returns the API's JSON, which is then printed. */
export const jsonFlags = {
  json: boolean({char: 'j', description: 'output in json format'}),
}

/** Which certificate of an app: hand them to `findEndpoint`. */
export const endpointFlags = {
  name: string({description: 'name of the certificate'}),
  endpoint: string({description: 'a domain that is shown with it'}),
}

export const confirmFlags = {
  confirm: string({char: 'c', description: 'set to app name to bypass confirm prompt'}),
}
