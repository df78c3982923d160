/** What the system's own supervisor is told to run. */
export interface Service {
  /** argv: node, its flags, the runtime. */
  command: string[]
  /** The home's directory. */
  home: string
  /** Where the runtime writes what it cannot log. */
  log: string
  /** Of the user whose runtime it is; only a system unit needs it. */
  user: string
  /** What the runtime needs of this environment: DOCKER_HOST, proxies, certificates. */
  env: Record<string, string>
}

export const serviceName = 'hokku'
export const launchdLabel = 'io.hokku.runtime'

/**
 * A systemd unit. `user`: of this user's own systemd, which runs when they log in (or lingers); `system`: of the machine's, from
 * boot on, as this user. The runtime leaves on
 * SIGTERM and finishes builds for up to 45 s; dynos are Docker's and go on. What runtime:stop stops stays stopped until the next start. Pure.
 */
export function systemdUnit(service: Service, kind: 'user' | 'system'): string {
  const env = Object.entries({HOKKU_HOME: service.home, ...service.env}).map(
    ([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}`,
  )
  return lines(
    '[Unit]',
    'Description=hokku runtime',
    ...(kind === 'system' ? ['Wants=docker.service', 'After=docker.service network-online.target'] : []),
    '',
    '[Service]',
    ...(kind === 'system' ? [`User=${service.user}`] : []),
    `ExecStart=${service.command.map(word => systemdWord(word.replaceAll('$', '$$$$'))).join(' ')}`,
    ...env,
    'Restart=on-failure',
    'RestartSec=2',
    'TimeoutStopSec=60',
    'KillMode=mixed',
    'UMask=0077',
    '',
    '[Install]',
    `WantedBy=${kind === 'system' ? 'multi-user.target' : 'default.target'}`,
  )
}

/** A launchd agent of this user: from login on, started again whenever it ends. Pure. */
export function launchdPlist(service: Service): string {
  const env = Object.entries({HOKKU_HOME: service.home, ...service.env})
  return lines(
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key><string>${launchdLabel}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...service.command.map(word => `    <string>${xml(word)}</string>`),
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    ...env.map(([name, value]) => `    <key>${xml(name)}</key><string>${xml(value)}</string>`),
    '  </dict>',
    '  <key>RunAtLoad</key><true/>',
    '  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>',
    '  <key>ExitTimeOut</key><integer>60</integer>',
    '  <key>AbandonProcessGroup</key><true/>',
    `  <key>StandardErrorPath</key><string>${xml(service.log)}</string>`,
    '</dict>',
    '</plist>',
  )
}

/** What of an environment a runtime started by the system would miss. */
export function serviceEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const wanted =
    /^(DOCKER_(HOST|CONTEXT|CONFIG|TLS_VERIFY|CERT_PATH)|HOKKU_(ROUTER_PORT|ROUTER_TLS_PORT|ROUTER_BIND|EMAIL|ACME_\w+)|(https?|no|all)_proxy|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|XDG_RUNTIME_DIR|PATH)$/i
  const found = Object.entries(env).filter((one): one is [string, string] => wanted.test(one[0]) && Boolean(one[1]))
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Quoted for systemd, which expands % and reads C escapes; $ it expands in commands only. */
function systemdWord(word: string): string {
  const escaped = word.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n').replaceAll('%', '%%')
  return /^[\w@+=:,./%-]+$/.test(escaped) ? escaped : `"${escaped}"`
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`
}
