import {appFlagWords, type CompletionCommand, dynoCommands, dynoFlagWords} from './words.js'

/** For zsh's own completion system; works when sourced and as a file _hokku in $fpath. */
export function zshScript(commands: readonly CompletionCommand[], bin: string): string {
  const described = commands.flatMap(({id, aliases, description}) =>
    [id, ...aliases].map(name => `    '${name.replaceAll(':', '\\:')}:${description}'`),
  )
  const cases = commands.map(({id, aliases, flags}) => `    ${[id, ...aliases].join('|')}) flags=(${flags.join(' ')}) ;;`)
  return `#compdef ${bin}
# zsh completion for ${bin}: eval "$(${bin} completion zsh)" after compinit
_${bin}_flags() {
  flags=()
  case "$1" in
${cases.join('\n')}
  esac
}
_${bin}_dynos() {
  local -a asked
  local at=\${words[(I)-a|--app]}
  (( at > 0 && at < CURRENT - 1 )) && asked=(--app "\${words[at + 1]}")
  compadd -- \${(f)"$(${bin} completion:names dynos $asked 2>/dev/null)"}
}
_${bin}() {
  local -a commands flags rest
  local id=\${words[2]} first=3
  commands=(
${described.join('\n')}
  )
  if (( CURRENT > 3 )); then
    _${bin}_flags "$id:\${words[3]}"
    (( \${#flags} )) && { id="$id:\${words[3]}"; first=4 }
  fi
  case "\${words[CURRENT - 1]}" in
    ${appFlagWords.join('|')}) compadd -- \${(f)"$(${bin} completion:names apps 2>/dev/null)"}; return ;;
    ${dynoFlagWords.join('|')}) _${bin}_dynos; return ;;
  esac
  if (( CURRENT == 2 )); then
    _describe command commands
  elif [[ \${words[CURRENT]} == -* ]]; then
    _${bin}_flags "$id"
    compadd -- $flags
  else
    if (( CURRENT == 3 )); then
      rest=(\${\${\${(M)commands:#\${id}\\\\:*}#\${id}\\\\:}%%:*})
      compadd -- $rest
    fi
    if (( CURRENT == first )); then
      case "$id" in ${dynoCommands.join('|')}) _${bin}_dynos ;; esac
    fi
  fi
}
if [ "$funcstack[1]" = _${bin} ]; then _${bin} "$@"; else compdef _${bin} ${bin}; fi
`
}
