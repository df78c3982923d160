import {outside, trustingCa} from './dockerfile.js'
import {instructionStarts} from './dockerfile-instructions.js'
import type {HostTrust} from './host-trust.js'

const gap = String.raw`(?:\s|\\\r?\n)+`
const runHead = new RegExp(String.raw`^(\s*RUN${gap})((?:--\S+${gap})*)`, 'i')
const unixShell = /^\s*SHELL\s+\[\s*"(?:[^"]*\/)?(?:a|ba|da|k|z)?sh"/i
/** Its certificates are no secret to whoever the step runs as. */
const mount = `--mount=type=secret,id=ca,target=${outside}/ca,mode=0444`

/**
 * A Dockerfile of somebody's own whose shell commands trust what the host trusts, by the secret `ca` (`trustSecrets`): it is there while they
 * run, and in no layer. One whose instructions are not plain, or whose shell is none of Unix', comes back as it is; it may mount `ca` itself.
 */
export function trustingDockerfile(dockerfile: string, {ca}: Pick<HostTrust, 'ca'>): string {
  const lines = dockerfile.split('\n')
  const starts = ca === undefined ? undefined : instructionStarts(lines)
  if (starts === undefined) return dockerfile
  const instructions = starts.map((start, index) => lines.slice(start, starts[index + 1]).join('\n'))
  if (instructions.some(text => /^\s*SHELL\s/i.test(text) && !unixShell.test(text))) return dockerfile
  return [...lines.slice(0, starts[0]), ...instructions.map(trusting)].join('\n')
}

/** Only a shell can be told: a command in JSON runs without one. */
function trusting(instruction: string): string {
  const [head, run, flags] = runHead.exec(instruction) ?? []
  if (head === undefined || instruction.slice(head.length).startsWith('[')) return instruction
  return `${run}${mount} ${flags}${trustingCa}; ${instruction.slice(head.length)}`
}
