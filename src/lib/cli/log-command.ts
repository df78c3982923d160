import type {LogSessionRequest} from '../client/log-sessions.js'
import {BaseCommand, type Target} from './base-command.js'
import {exitCodes} from './command-error.js'
import {awaitRuntime, followLogs, printLines, tailPatience} from './follow-logs.js'
import {logPrinter} from './log-printer.js'
import {untilUnwanted} from './until-unwanted.js'

/** What commands that print an app's log share. */
export abstract class LogCommand extends BaseCommand {
  /** Prints lines until there are no more of them, or nobody wants them: an interrupt is the command's exit code. */
  protected async showLogs({platform, app}: Target, request: LogSessionRequest, how: {json: boolean; forced: boolean}): Promise<void> {
    const {stdout} = this.ui.options
    const render = await logPrinter(stdout, this.env, how)
    using unwanted = untilUnwanted(stdout)
    await followLogs({
      platform,
      app,
      request,
      signal: unwanted.signal,
      print: lines => printLines(stdout, render(lines), unwanted.signal),
      reconnect: () => awaitRuntime(this.env, {signal: unwanted.signal, patience: tailPatience, start: () => this.connect()}),
    })
    if (unwanted.by() === 'interrupt') this.exit(exitCodes.interrupted)
  }
}
