import {connect} from 'node:net'
import type {Duplex} from 'node:stream'
import {PlatformError} from '../../../schema/errors.js'
import type {DynoContext} from '../context.js'
import {runningDyno} from './running-dyno.js'

/** How long a dyno may take to accept, in ms. */
const connectMs = 5000

/** What a server in the dyno would hear when a program beside it connected: a debugger's port is open to nobody else. Perl is in every stack. */
const throughLoopback = `use Socket qw(:DEFAULT inet_pton);
open STDERR, '>', '/dev/null';
my $port = shift;
my @ways = ([PF_INET, pack_sockaddr_in($port, inet_pton(AF_INET, '127.0.0.1'))], [PF_INET6, pack_sockaddr_in6($port, inet_pton(AF_INET6, '::1'))]);
my $socket;
for my $way (@ways) {
  socket $socket, $way->[0], SOCK_STREAM, 0 or next;
  last if connect $socket, $way->[1];
  undef $socket;
}
exit 111 unless $socket;
sub copy { my ($from, $to) = @_; my $data; while (sysread $from, $data, 65536) { while (length $data) { my $n = syswrite($to, $data) or return; substr($data, 0, $n, '') } } }
my $child = fork // exit 112;
if ($child == 0) { copy(*STDIN, $socket); shutdown $socket, 1; exit 0 }
copy($socket, *STDOUT);
kill 'KILL', $child;`

/**
 * A connection to a port of a running dyno: from here where its address leads there and something listens on it, else from inside, where what
 * listens on the loopback address is reached too. Throws not_found; the stream ends at once when nothing listens.
 */
export async function openPort(context: DynoContext, appId: string, name: string, port: number): Promise<Duplex> {
  const {address, engineId, stack} = runningDyno(context, appId, name)
  const direct = address !== undefined && context.engine.capabilities.routableAddresses ? await knock(address, port) : undefined
  if (direct !== undefined) return direct
  // Images of one's own may have no Perl.
  if (stack === 'container' || stack === 'cnb')
    throw new PlatformError('service_unavailable', `Nothing listens on port ${port} of ${name} that can be reached from outside it.`)
  const {stream} = await context.engine.execAttached(engineId, ['perl', '-e', throughLoopback, String(port)], {})
  return stream
}

/** Undefined when nobody takes it. */
function knock(host: string, port: number): Promise<Duplex | undefined> {
  return new Promise(resolve => {
    const socket = connect({host, port, allowHalfOpen: true})
    const refused = (): void => {
      socket.destroy()
      resolve(undefined)
    }
    socket.setTimeout(connectMs, refused)
    socket.once('error', refused)
    socket.once('connect', () => {
      socket.setTimeout(0).off('error', refused)
      resolve(socket)
    })
  })
}
