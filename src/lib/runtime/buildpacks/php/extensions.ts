import {RejectedSource} from '../buildpack.js'

/** Debian packages (`php-…`) that every app gets: what Heroku's PHP has without being asked. */
const always = ['cli', 'fpm', 'bz2', 'curl', 'mbstring', 'mysql', 'pgsql', 'readline', 'sqlite3', 'xml', 'zip']

/** Part of Debian's PHP itself. */
const builtIn = new Set(
  [
    'calendar core ctype date exif ffi fileinfo filter ftp gettext hash iconv json libxml opcache openssl pcntl pcre pdo phar posix random',
    'reflection session shmop sockets sodium spl standard sysvmsg sysvsem sysvshm tokenizer zend-opcache zlib',
  ].flatMap(names => names.split(' ')),
)

/** Extensions whose package has another name. */
const packageOf: Record<string, string> = {
  ...Object.fromEntries(['dom', 'simplexml', 'xml', 'xmlreader', 'xmlwriter', 'xsl'].map(name => [name, 'xml'])),
  ...Object.fromEntries(['mysqli', 'mysqlnd', 'pdo_mysql'].map(name => [name, 'mysql'])),
  pdo_pgsql: 'pgsql',
  pdo_sqlite: 'sqlite3',
  pdo_odbc: 'odbc',
  pdo_dblib: 'sybase',
  pdo_firebird: 'interbase',
}

/** Those that have a package of their own name. */
const packaged = new Set(
  [
    'amqp apcu ast bcmath bz2 curl dba ds enchant event excimer gd gearman gmagick gmp gnupg grpc igbinary imagick imap intl ldap mailparse',
    'maxminddb mbstring memcache memcached mongodb msgpack mysql oauth odbc pcov pgsql pq protobuf ps pspell psr raphf readline redis rrd',
    'smbclient snmp soap sqlite3 ssh2 stomp sybase tidy uopz uploadprogress uuid xdebug xmlrpc yac yaml zip zmq zstd',
  ].flatMap(names => names.split(' ')),
)

/** Debian packages for these extensions (`redis`), beside what every app gets. Throws RejectedSource for those that Debian lacks. */
export function extensionPackages(extensions: string[]): string[] {
  const added = extensions.filter(name => !builtIn.has(name)).map(name => packageOf[name] ?? name)
  const missing = added.filter(name => !packaged.has(name) && !always.includes(name) && !Object.values(packageOf).includes(name))
  if (missing.length > 0) throw unavailable(missing)
  return [...new Set([...always, ...added.sort()])].map(name => `php-${name}`)
}

function unavailable(missing: string[]): RejectedSource {
  return new RejectedSource([
    'Failed to install system packages!',
    '',
    'Your platform requirements (for runtimes and extensions) could',
    'not be resolved to an installable set of dependencies.',
    '',
    ...missing.map(name => `The extension ext-${name} cannot be had here.`),
    '',
    'For reference, the following extensions are currently available:',
    '',
    ...wrapped([...new Set([...builtIn, ...packaged, ...Object.keys(packageOf)])].sort()),
  ])
}

function wrapped(names: string[]): string[] {
  const lines: string[] = []
  for (let at = 0; at < names.length; at += 8) lines.push(`  ${names.slice(at, at + 8).join(', ')}`)
  return lines
}
