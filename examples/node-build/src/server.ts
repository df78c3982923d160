import {existsSync, readFileSync} from 'node:fs'
import {createServer} from 'node:http'

const pruned: boolean = !existsSync('node_modules/esbuild')
const generated: string = readFileSync('node_modules/.generated', 'utf8')

createServer((request, response) => response.end(`built; devDependencies pruned: ${pruned}; ${generated}\n`)).listen(process.env.PORT)
