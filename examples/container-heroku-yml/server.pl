use strict;
use warnings;
use IO::Socket::INET;

open my $file, '<', 'page.txt' or die "page.txt: $!";
my $page = <$file>;
my $server = IO::Socket::INET->new(Listen => 50, LocalPort => $ENV{PORT}, ReuseAddr => 1) or die "port $ENV{PORT}: $!";
$SIG{TERM} = sub { print "bye\n"; exit 0 };
$| = 1;
print "listening\n";
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line =~ /^\r?\n$/ }
  my $body = ($ENV{GREETING} // 'Hello') . " from $page";
  print $client "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
  close $client;
}
