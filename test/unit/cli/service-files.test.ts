import {mkdtemp, readFile, rm, stat} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {launchdPlist, type Service, serviceEnvironment, systemdUnit} from '../../../src/lib/cli/service-files.js'
import {install, type Machine, supervisorFor, uninstall} from '../../../src/lib/cli/service-install.js'

const service: Service = {
  command: ['/usr/bin/node', '--enable-source-maps', '/opt/my $hokku/dist/runtime.js'],
  home: '/home/me/.local/share/hokku',
  log: '/home/me/.local/share/hokku/runtime.log',
  user: 'me',
  env: {DOCKER_HOST: 'unix:///run/user/1000/docker.sock', https_proxy: 'http://u:p%40&<x>@proxy:1'},
}

const machine: Machine = {platform: 'linux', systemd: true, uid: 1000, homeDirectory: '/home/me', configHome: '/home/me/.config'}

describe('systemdUnit', () => {
  it('is a unit of the user', () => {
    expect(systemdUnit(service, 'user')).toMatchInlineSnapshot(`
      "[Unit]
      Description=hokku runtime

      [Service]
      ExecStart=/usr/bin/node --enable-source-maps "/opt/my $$hokku/dist/runtime.js"
      Environment=HOKKU_HOME=/home/me/.local/share/hokku
      Environment=DOCKER_HOST=unix:///run/user/1000/docker.sock
      Environment="https_proxy=http://u:p%%40&<x>@proxy:1"
      Restart=on-failure
      RestartSec=2
      TimeoutStopSec=60
      KillMode=mixed
      UMask=0077

      [Install]
      WantedBy=default.target
      "
    `)
  })

  it('is a unit of the system, which names the user and waits for Docker', () => {
    expect(systemdUnit(service, 'system')).toMatchInlineSnapshot(`
      "[Unit]
      Description=hokku runtime
      Wants=docker.service
      After=docker.service network-online.target

      [Service]
      User=me
      ExecStart=/usr/bin/node --enable-source-maps "/opt/my $$hokku/dist/runtime.js"
      Environment=HOKKU_HOME=/home/me/.local/share/hokku
      Environment=DOCKER_HOST=unix:///run/user/1000/docker.sock
      Environment="https_proxy=http://u:p%%40&<x>@proxy:1"
      Restart=on-failure
      RestartSec=2
      TimeoutStopSec=60
      KillMode=mixed
      UMask=0077

      [Install]
      WantedBy=multi-user.target
      "
    `)
  })
})

describe('launchdPlist', () => {
  it('is an agent of the user', () => {
    expect(launchdPlist(service)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      <dict>
        <key>Label</key><string>io.hokku.runtime</string>
        <key>ProgramArguments</key>
        <array>
          <string>/usr/bin/node</string>
          <string>--enable-source-maps</string>
          <string>/opt/my $hokku/dist/runtime.js</string>
        </array>
        <key>EnvironmentVariables</key>
        <dict>
          <key>HOKKU_HOME</key><string>/home/me/.local/share/hokku</string>
          <key>DOCKER_HOST</key><string>unix:///run/user/1000/docker.sock</string>
          <key>https_proxy</key><string>http://u:p%40&amp;&lt;x&gt;@proxy:1</string>
        </dict>
        <key>RunAtLoad</key><true/>
        <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
        <key>ExitTimeOut</key><integer>60</integer>
        <key>AbandonProcessGroup</key><true/>
        <key>StandardErrorPath</key><string>/home/me/.local/share/hokku/runtime.log</string>
      </dict>
      </plist>
      "
    `)
  })
})

describe('serviceEnvironment', () => {
  it('keeps what finds Docker and the outside, and no secrets', () => {
    const env = {DOCKER_HOST: 'tcp://x', HTTPS_PROXY: 'p', no_proxy: 'n', AWS_SECRET_ACCESS_KEY: 's', HOKKU_APP: 'demo', SSL_CERT_FILE: ''}
    expect(serviceEnvironment(env)).toEqual({DOCKER_HOST: 'tcp://x', HTTPS_PROXY: 'p', no_proxy: 'n'})
  })
})

describe('supervisorFor', () => {
  it('knows where units and agents go and how they are started', () => {
    expect(supervisorFor(machine, 'user')).toMatchObject({
      file: '/home/me/.config/systemd/user/hokku.service',
      enable: [
        ['systemctl', '--user', 'daemon-reload'],
        ['systemctl', '--user', 'enable', '--now', 'hokku'],
        ['loginctl', 'enable-linger'],
      ],
    })
    expect(supervisorFor({...machine, uid: 0}, 'system').file).toBe('/etc/systemd/system/hokku.service')
    const mac = supervisorFor({...machine, platform: 'darwin', homeDirectory: '/Users/me'}, 'user')
    expect(mac.enable).toEqual([['launchctl', 'bootstrap', 'gui/1000', '/Users/me/Library/LaunchAgents/io.hokku.runtime.plist']])
  })

  it.each([
    [{...machine, systemd: false}, 'user', 'does not run systemd'],
    [{...machine, platform: 'win32'}, 'user', 'does not run systemd'],
    [machine, 'system', 'for root to install'],
    [{...machine, platform: 'darwin'}, 'system', 'Leave --system out'],
  ] as const)('refuses %j as %s and says what to do', (where, kind, message) => {
    expect(() => supervisorFor(where, kind)).toThrow(message)
  })
})

describe('install', () => {
  it('writes a file for its owner alone, and uninstall takes it away', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hk-'))
    const file = join(directory, 'units', 'x.service')
    const supervisor = {...supervisorFor(machine, 'user'), file, enable: [['cp', file, join(directory, 'seen')]], disable: [['false']]}
    try {
      await install(supervisor, service)
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(await readFile(join(directory, 'seen'), 'utf8')).toBe(systemdUnit(service, 'user'))
      expect([await uninstall(supervisor), await uninstall(supervisor)]).toEqual([true, false])
      await expect(install({...supervisor, enable: [['ls', '/nope']]}, service)).rejects.toThrow('ls /nope failed')
    } finally {
      await rm(directory, {recursive: true, force: true})
    }
  })
})
