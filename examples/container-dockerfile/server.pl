use strict;
use warnings;
use IO::Socket::INET;

my (undef, $port) = @ARGV;
my $server = IO::Socket::INET->new(Listen => 50, LocalPort => $port, ReuseAddr => 1) or die "port $port: $!";
$SIG{TERM} = sub { exit 0 };
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
  my $body = "$ENV{ANSWER}; notes: @{[map { s{.*/}{}r } glob 'notes/*']}\n";
  print $client "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
  close $client;
}
