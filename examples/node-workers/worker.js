setInterval(() => console.log('working'), 1000)
process.once('SIGTERM', () => process.exit(0))
