#!/usr/bin/env node
// The command line from source: what src/ says now, no build and no manifest.
import {fileURLToPath} from 'node:url'
import {register} from 'tsx/esm/api'

register()
const {executeFromSource} = await import('../src/dev.ts')
await executeFromSource(fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, ''), process.argv.slice(2))
