import express from 'express'

const app = express()
app.get('/', (request, response) => response.send(`Express says ${process.env.GREETING ?? 'hello'}`))
app.listen(process.env.PORT)
process.once('SIGTERM', () => process.exit(0))
