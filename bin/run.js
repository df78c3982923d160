#!/usr/bin/env node
if (process.argv[2] === '--version') {
  const {version} = (await import('node:module')).createRequire(import.meta.url)('../package.json')
  console.log(`hokku/${version} ${process.platform}-${process.arch} node-${process.version}`)
} else {
  const {execute} = await import('../dist/run.js')
  await execute({dir: import.meta.url})
}
