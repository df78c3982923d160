import {readFileSync} from 'node:fs'
import {createServer} from 'node:http'

const {stack} = JSON.parse(readFileSync('version.json', 'utf8'))
createServer((request, response) => response.end(`built on ${stack}\n`)).listen(process.env.PORT)
