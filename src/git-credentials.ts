import {text} from 'node:stream/consumers'
import {answerGit} from './lib/cli/git-credentials.js'

/** git's credential helper without the command line around it: every push waits for it. */
const question = await text(process.stdin)
for (const line of await answerGit(question, process.env)) console.log(line)
