/**
 * heroku/go's way to private repositories: git is told the user and password that a config var `GO_GIT_CRED__HTTPS__GITHUB__COM` holds,
 * `user:password` or a token alone. The helper is in git's environment, and so in no file.
 */
export const gitCredentials: string[] = [
  'export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_TERMINAL_PROMPT=0',
  `export GIT_CONFIG_VALUE_0='!${helper()}'`,
]

/** In dash's words: git has sh run it. It reads `protocol=https` and `host=github.com`, a line each. */
function helper(): string {
  const read = 'while IFS="=" read -r key value; do case "$key" in protocol) protocol=$value;; host) host=$value;; esac; done'
  const name = 'name=$(echo "GO_GIT_CRED__$protocol.$host" | sed "s/[.]/__/g" | tr a-z A-Z)'
  const tell = `echo "username=\${found%%:*}"; echo "password=\${found#*:}"`
  return `f() { [ "$1" = get ] || return 0; ${read}; ${name}; found=$(printenv "$name") || return 0; ${tell}; }; f`
}
