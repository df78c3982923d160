'use strict'
const fs = require('fs')
const http = require('http')
const ms = require('ms')

const pruned = !fs.existsSync('node_modules/is-number')
const said = `${process.version}: ${ms(60000)}, devDependencies pruned: ${pruned}\n`
http.createServer((request, response) => response.end(said)).listen(process.env.PORT)
