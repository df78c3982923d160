const {existsSync} = require('node:fs')
const {createServer} = require('node:http')
const {greet} = require('greeting')
const ms = require('ms')

const pruned = !existsSync('node_modules/is-number')
createServer((request, response) => response.end(`${greet(ms(60000))}, devDependencies pruned: ${pruned}\n`)).listen(process.env.PORT)
