// Preloaded into the runtime: at SIGUSR2 it collects garbage and writes how many bytes it keeps to the file SOAK_HEAP. What a process
// has from the kernel swings with V8's moods by half; only what is left after a collection tells a leak.
const {renameSync, writeFileSync} = require('node:fs')
const {setFlagsFromString} = require('node:v8')
const {runInNewContext} = require('node:vm')

const {SOAK_HEAP: path} = process.env
if (path && /runtime\.js$/.test(process.argv[1] ?? '')) {
  process.on('SIGUSR2', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    collect()
    collect()
    const {heapUsed, external} = process.memoryUsage()
    writeFileSync(`${path}.new`, String(heapUsed + external))
    renameSync(`${path}.new`, path)
  })
}
