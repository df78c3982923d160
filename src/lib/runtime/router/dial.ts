import type {Duplex} from 'node:stream'
import {text} from 'node:stream/consumers'
import type {Engine} from '../../engine/engine.js'
import type {Target} from './router.js'

/**
 * Copies between its own stdin and stdout and a connection, and ends with either, or after so many seconds: what hangs must not stay behind.
 * The first byte says whether it has connected: + and then what comes, or - and why not.
 */
const script = `use Socket qw(:DEFAULT inet_pton);
my ($address, $port, $seconds) = @ARGV;
alarm $seconds;
my $six = $address =~ /:/;
my $where = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_pton(AF_INET, $address));
my $there;
socket($there, $six ? PF_INET6 : PF_INET, SOCK_STREAM, 0) && connect($there, $where) or do { syswrite STDOUT, "-$!"; exit };
syswrite STDOUT, '+';
my @ways = ([\\*STDIN, $there], [$there, \\*STDOUT]);
for (;;) {
  my $ready = '';
  vec($ready, fileno $_->[0], 1) = 1 for @ways;
  next if select($ready, undef, undef, undef) < 1;
  for my $way (@ways) {
    next unless vec $ready, fileno $way->[0], 1;
    sysread($way->[0], my $data, 65536) or exit;
    while (length $data) { substr $data, 0, (syswrite($way->[1], $data) // exit), '' }
  }
}`

/**
 * A connection made inside a container with Perl, by a process that ends after so many seconds. Rejects with an EngineError when there is no
 * such process, and with what the system says (`Connection refused`) when nobody takes the connection.
 */
export async function dialFrom(
  engine: Pick<Engine, 'execAttached'>,
  id: string,
  {address, port}: Pick<Target, 'address' | 'port'>,
  seconds: number,
): Promise<Duplex> {
  const command = ['perl', '-e', script, address, String(port), String(Math.ceil(seconds))]
  const {stream} = await engine.execAttached(id, command, {})
  const first = await firstByte(stream)
  if (first === '+') return stream
  // Nobody had answered when its time was over.
  if (first === '') throw new Error(`no connection to port ${port} within ${seconds} s`)
  const said = (await text(stream)).trim()
  throw new Error(`no connection to port ${port}: ${first === '-' ? said : `${first}${said}`}`)
}

/** Empty when the stream has none. */
async function firstByte(stream: Duplex): Promise<string> {
  for (;;) {
    const data = stream.read(1) as Buffer | null
    if (data !== null) return data.toString('latin1')
    if (stream.readableEnded || stream.destroyed) return ''
    await new Promise(resolve => {
      for (const event of ['readable', 'end', 'close', 'error']) stream.once(event, resolve)
    })
  }
}
