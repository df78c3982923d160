const http = require('http')
const fs = require('fs')

http.createServer((request, response) => fs.createReadStream('client/build/index.html').pipe(response)).listen(process.env.PORT)
