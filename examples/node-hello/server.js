import {createServer} from 'node:http'

createServer((request, response) => response.end('Hello from hokku\n')).listen(process.env.PORT)
