import {writeFileSync} from 'node:fs'

writeFileSync('version.json', JSON.stringify({stack: process.env.STACK}))
