const fs = require('fs')
const ms = require('ms')

fs.mkdirSync('build')
fs.writeFileSync('build/index.html', `<p>${ms(60000)}</p>\n`)
