import {type IncomingMessage, request} from 'node:http'

/** The engine's API as anybody with its socket sees it, beside our own client. Rejects with the answer when it is no success. */
export async function dockerApi(path: string): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({socketPath: process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock', path}, resolve)
      .on('error', reject)
      .end()
  })
  if (answer.statusCode === 200) return answer
  throw new Error(`Docker answers ${answer.statusCode} to ${path}: ${String(await answer.toArray())}`)
}

export async function dockerText(path: string): Promise<string> {
  return Buffer.concat(await (await dockerApi(path)).toArray()).toString()
}

/** This machine's address on Docker's own network; 20.10 does not tell it before anything was on it, but it takes the first one there is. */
export async function bridgeGateway(): Promise<string> {
  const {IPAM} = JSON.parse(await dockerText('/networks/bridge')) as {IPAM: {Config: {Gateway?: string; Subnet: string}[]}}
  const [{Gateway, Subnet} = {Subnet: ''}] = IPAM.Config
  return Gateway ?? Subnet.replace(/\d+\/\d+$/, '1')
}
