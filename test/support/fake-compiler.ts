import {once} from 'node:events'
import {createReadStream} from 'node:fs'
import {text} from 'node:stream/consumers'
import {extract} from 'tar-stream'
import {BuildFailure, type CompiledSlug, type CompileRequest, type SlugCompiler} from '../../src/lib/runtime/slugs/compile.js'
import type {ContainerPush} from '../../src/lib/runtime/slugs/container/plan.js'

/** A slug compiler without an engine: process types come from the Procfile; a file `fails` makes the build fail with its text, a file `waits` lets it run until it is canceled, the lines of a file `needs` are add-ons. */
export function fakeCompiler(): SlugCompiler & {requests: CompileRequest[]; sources: Record<string, string>[]} {
  const requests: CompileRequest[] = []
  const sources: Record<string, string>[] = []
  return {
    requests,
    sources,
    prepare: async () => undefined,
    updateStack: async () => ['hokku/heroku-24:1.2'],
    preparing: () => [],
    async compile(request) {
      requests.push(request)
      request.onLine('-----> Node.js app detected')
      const files = await readTar(request.sourceTar)
      if (files['waits'] !== undefined) {
        if (!request.signal.aborted) await once(request.signal, 'abort')
        throw new BuildFailure('canceled')
      }
      if (files['fails'] !== undefined) {
        request.onLine(files['fails'])
        request.onLine(' !     Push rejected, failed to compile Node.js app.')
        throw new BuildFailure('failed')
      }
      sources.push(files)
      if (request.push !== undefined) return pushed(request.push)
      const types = [...(files['Procfile'] ?? 'web: npm start').matchAll(/^([\w-]+):\s+(.*)$/gm)].map(match => [match[1], match[2]])
      return {
        image: 'debian:13-slim',
        processTypes: Object.fromEntries(types),
        buildpackDescription: 'Node.js',
        addons: files['needs']?.trim().split('\n') ?? [],
        buildpacks: ['heroku/nodejs'],
        sizeBytes: 1000,
        checksum: 'SHA256:0',
      }
    },
  }
}

/** Every image is the same, with a CMD that tells the process type. */
function pushed({images}: ContainerPush): CompiledSlug {
  const types = images.map(({type}) => type)
  return {
    image: 'debian:13-slim',
    processTypes: Object.fromEntries(types.map(type => [type, `serve ${type}`])),
    container: Object.fromEntries(types.map(type => [type, {image: 'debian:13-slim', entrypoint: [], command: ['serve', type]}])),
    buildpackDescription: undefined,
    buildpacks: [],
    sizeBytes: 1000,
  }
}

async function readTar(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for await (const entry of createReadStream(path).pipe(extract())) files[entry.header.name.replace(/^\.\//, '')] = await text(entry)
  return files
}
