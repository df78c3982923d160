const {existsSync} = require('node:fs')
const {createServer} = require('node:http')
const ms = require('ms')

const linker = existsSync('node_modules') ? 'node_modules' : 'pnp'
createServer((request, response) => response.end(`yarn 3: ${ms(60000)}, ${linker}\n`)).listen(process.env.PORT)
