import {appFlagWords, type CompletionCommand, dynoCommands, dynoFlagWords} from './words.js'

/** For fish 3 and newer. */
export function fishScript(commands: readonly CompletionCommand[], bin: string): string {
  const lines = commands.flatMap(({id, aliases, description, flags}) => {
    const names = [id, ...aliases]
    const asked = `__${bin}_is ${names.join(' ')}`
    return [
      ...names.map(name => `complete -c ${bin} -n '__fish_use_subcommand' -a '${name}' -d '${description}'`),
      ...flags.map(flag => `complete -c ${bin} -n '${asked}' ${flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`}`),
    ]
  })
  return `# fish completion for ${bin}: ${bin} completion fish | source
complete -c ${bin} -f
function __${bin}_is
  set -l words (commandline -opc)
  test (count $words) -ge 2; or return 1
  contains -- $words[2] $argv; and return 0
  test (count $words) -ge 3; and contains -- "$words[2]:$words[3]" $argv
end
function __${bin}_after
  contains -- (commandline -opc)[-1] $argv
end
function __${bin}_dynos
  set -l words (commandline -opc)
  for at in (seq (math (count $words) - 1))
    if contains -- $words[$at] ${appFlagWords.join(' ')}
      ${bin} completion:names dynos --app $words[(math $at + 1)] 2>/dev/null
      return
    end
  end
  ${bin} completion:names dynos 2>/dev/null
end
${lines.join('\n')}
complete -c ${bin} -n '__${bin}_after ${appFlagWords.join(' ')}' -a '(${bin} completion:names apps 2>/dev/null)'
complete -c ${bin} -n '__${bin}_after ${dynoFlagWords.join(' ')}' -a '(__${bin}_dynos)'
complete -c ${bin} -n '__${bin}_is ${dynoCommands.join(' ')}' -a '(__${bin}_dynos)'
`
}
