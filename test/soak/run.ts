import {soak} from './soak.js'
import {soakTable} from './table.js'

const usage = 'npm run soak -- [--minutes=30] [--seed=N] [--apps=10]'

/** 0 when nothing was violated, 1 when something was, 2 for words nobody knows. */
async function main(args: string[]): Promise<number> {
  const unknown = args.find(arg => !/^--(minutes|seed|apps)=\d+$/.test(arg))
  if (unknown !== undefined) {
    console.error(`${unknown} is no option. ${usage}`)
    return 2
  }
  const given = (name: string, otherwise: number): number =>
    Number(args.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? otherwise)
  const seed = given('seed', Math.floor(Math.random() * 1e9))
  const [rounds, apps] = [given('minutes', 30), given('apps', 10)]
  console.log(`soak: ${rounds} minutes, ${apps} apps, --seed=${seed}`)
  const report = await soak({seed, apps, rounds, roundSeconds: 60, logged: 72, say: line => console.log(line)})
  console.log(`\n${soakTable(report)}`)
  return report.violations.length === 0 && report.rows.every(row => row.ok) ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
