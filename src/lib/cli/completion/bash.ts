import {appFlagWords, type CompletionCommand, dynoCommands, dynoFlagWords} from './words.js'

/** For bash 3.2 (macOS) and newer, without the package bash-completion: bash takes a colon for the end of a word, so words are read from the line. */
export function bashScript(commands: readonly CompletionCommand[], bin: string): string {
  const ids = commands.flatMap(({id, aliases}) => [id, ...aliases]).sort()
  const cases = commands.map(({id, aliases, flags}) => `    ${[id, ...aliases].join('|')}) echo '${flags.join(' ')}' ;;`)
  return `# bash completion for ${bin}: eval "$(${bin} completion bash)"
_${bin}_commands='${ids.join(' ')}'
_${bin}_flags() {
  case "$1" in
${cases.join('\n')}
  esac
}
_${bin}_app() {
  local at
  for ((at = 1; at < \${#words[@]} - 1; at++)); do
    case "\${words[at]}" in
      ${appFlagWords.join('|')}) echo "\${words[at + 1]}"; return ;;
      --app=*) echo "\${words[at]#--app=}"; return ;;
    esac
  done
}
_${bin}_dynos() {
  local app
  app=$(_${bin}_app)
  if [ -n "$app" ]; then ${bin} completion:names dynos --app "$app" 2>/dev/null; else ${bin} completion:names dynos 2>/dev/null; fi
}
${mainFunction(bin)}complete -F _${bin} ${bin}
`
}

/** What bash calls at a TAB: finds the command and the word in question, and sets COMPREPLY. */
function mainFunction(bin: string): string {
  return `_${bin}() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur prev id first list='' word prefix
  local words=()
  read -ra words <<<"$line"
  case "$line" in *[[:space:]]) words+=('') ;; esac
  local last=$((\${#words[@]} - 1))
  cur="\${words[last]}"
  prev="\${words[last - 1]}"
  id="\${words[1]}"
  first=2
  if [ "$last" -gt 2 ] && [ -n "$(_${bin}_flags "$id:\${words[2]}")" ]; then
    id="$id:\${words[2]}"
    first=3
  fi
  case "$prev" in
    ${appFlagWords.join('|')}) list=$(${bin} completion:names apps 2>/dev/null) ;;
    ${dynoFlagWords.join('|')}) list=$(_${bin}_dynos) ;;
    *)
      if [ "$last" -le 1 ]; then list="$_${bin}_commands"
      elif [ "\${cur:0:1}" = - ]; then list=$(_${bin}_flags "$id")
      else
        [ "$last" -eq 2 ] && for word in $_${bin}_commands; do
          case "$word" in "$id":*) list="$list \${word#"$id":}" ;; esac
        done
        if [ "$last" -eq "$first" ]; then
          case "$id" in ${dynoCommands.join('|')}) list="$list $(_${bin}_dynos)" ;; esac
        fi
      fi ;;
  esac
  COMPREPLY=($(compgen -W "$list" -- "$cur"))
  case "$cur:$COMP_WORDBREAKS" in
    *:*:*:*)
      prefix="\${cur%"\${cur##*:}"}"
      for ((word = 0; word < \${#COMPREPLY[@]}; word++)); do COMPREPLY[word]="\${COMPREPLY[word]#"$prefix"}"; done ;;
  esac
}
`
}
