import {findRuntime} from '../client/connect.js'

/**
 * The lines that answer git's question, none when it is about another host. Never starts a runtime: git asks because one has answered
 * 401, and a program that took the port of a runtime that is gone must not get the token.
 */
export async function answerGit(question: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const platform = await findRuntime(env)
  return platform?.status.token && asksFor(question, platform.status.git_url) ? credentialAnswer(platform.status.token) : []
}

/** Whether git's question (`protocol=http`, `host=127.0.0.1:5055` lines) is about that URL's host. */
export function asksFor(question: string, gitUrl: string): boolean {
  const asked = Object.fromEntries(question.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  const {protocol, host} = new URL(gitUrl)
  return `${asked['protocol']}:` === protocol && asked['host'] === host
}

/** As on Heroku any user name does; the token is the password. */
export function credentialAnswer(token: string): string[] {
  return ['username=hokku', `password=${token}`]
}
