/** `bin/boot`: fills in what only a dyno knows, config vars too, and becomes nginx. Perl, because perl-base is in every Debian image. */
export const boot = `#!/usr/bin/perl
# Made from static.json by the static buildpack: renders its configuration for this dyno, then runs nginx.
use strict;
use warnings;

my $template = '/app/.heroku/static/nginx.conf.template';
my $folder = '/tmp/nginx';

my %marks = (
  port => sub { $ENV{PORT} // 5000 },
  workers => \\&workers,
  resolver => sub { join ' ', map { /:/ ? "[$_]" : $_ } map { /^nameserver\\s+([^\\s%]+)/ ? $1 : () } lines('/etc/resolv.conf') },
  error_log => sub { $ENV{STATIC_DEBUG} ? "error_log stderr debug;\\n  rewrite_log on;" : "error_log stderr $_[0];" },
  url => sub { variables(word(interpolated($_[0]))) },
  origin_host => sub { word((origin($_[0]))[0]) },
  origin_path => sub { my $path = word((origin($_[0]))[1]); $path =~ s/\\$/\\\${dollar}/g; substr($path, 0, -1) . '/$1"' },
  origin_http => sub { redirect('http', $_[0]) },
  origin_https => sub { redirect('https', $_[0]) },
  basic_auth => \\&basic_auth,
  basic_auth_if_configured => sub { defined $ENV{BASIC_AUTH_USERNAME} ? basic_auth($_[0]) : '' },
);

mkdir $folder;
my $conf = join '', lines($template);
$conf =~ s{\\{\\{(\\w+)(?: "((?:[^"\\\\]|\\\\.)*)")?\\}\\}}{$marks{$1}->(unquoted($2 // ''))}ge;
store("$folder/nginx.conf", $conf);

print STDERR "Starting nginx...\\n";
# On SIGTERM nginx drops what it is sending: see toolchain.ts.
$ENV{LD_PRELOAD} = '/usr/local/heroku/nginx/graceful.so';
exec '/usr/sbin/nginx', '-e', 'stderr', '-p', '/app', '-c', "$folder/nginx.conf" or die "bin/boot: nginx: $!\\n";

sub unquoted { my $text = shift; $text =~ s/\\\\(.)/$1/g; $text }

# \${API_URL}: the config var's value; one that is not set stays as it is written.
sub interpolated { my $text = shift; $text =~ s{\\$\\{(\\w+)\\}}{$ENV{$1} // $&}ge; $text }

sub word { my $text = shift; $text =~ s/(["\\\\])/\\\\$1/g; qq("$text") }

# A redirect may name nginx's variables of a request; no other dollar means anything.
sub variables {
  my $text = shift;
  my $known = qr/host|uri|request_uri|document_uri|args|is_args|query_string|scheme|(?:http|arg|cookie)_\\w+/;
  $text =~ s/\\$(?!(?:$known)\\b|\\{(?:$known)\\})/\\\${dollar}/g;
  $text;
}

# scheme://host[:port] and the path without a slash at its end
sub origin {
  my $url = interpolated($_[0]);
  if ($url =~ /\\$\\{(\\w+)\\}/) {
    die "static.json: the proxy to $_[0] needs the config var $1, which is not set. Set it: hokku config:set $1=...\\n";
  }
  my ($host, $path) = $url =~ m{^(https?://[^/?#\\s"\\\\;]+)([^?#\\s"\\\\;]*)$}i or die "static.json: the proxy to $_[0]: $url is not an http or https URL.\\n";
  $path =~ s{/$}{};
  ($host, $path);
}

sub redirect {
  my ($scheme, $url) = @_;
  my ($host, $path) = origin($url);
  $host =~ s/^https?/$scheme/i;
  word("$host$path/");
}

# As many as the dyno has processors, by its limit or the host's number; each takes some memory.
sub workers {
  return $1 if ($ENV{NGINX_WORKERS} // '') =~ /^([1-9]\\d*)$/;
  my ($quota, $period) = split ' ', (lines('/sys/fs/cgroup/cpu.max'))[0] // '';
  ($quota, $period) = map { (lines("/sys/fs/cgroup/cpu/cpu.cfs_$_"))[0] // '' } 'quota_us', 'period_us' unless defined $quota;
  my $processors = grep { /^processor\\s*:/ } lines('/proc/cpuinfo');
  my $limited = ($quota // '') =~ /^([1-9]\\d*)\\s*$/ ? int(($1 + $period - 1) / $period) : $processors;
  my $memory = (lines('/sys/fs/cgroup/memory.max'), lines('/sys/fs/cgroup/memory/memory.limit_in_bytes'), '')[0];
  my $fitting = $memory =~ /^(\\d+)\\s*$/ ? int($1 / (128 << 20)) : $limited;
  my ($least) = sort { $a <=> $b } $limited, $processors || 1, $fitting;
  return $least < 1 ? 1 : $least;
}

sub basic_auth {
  my ($user, $password) = @ENV{'BASIC_AUTH_USERNAME', 'BASIC_AUTH_PASSWORD'};
  my $added = defined $user && defined $password ? "$user:$password\\n" : '';
  my $file = join '', lines($_[0]);
  $file .= "\\n" if $file ne '' && $file !~ /\\n$/;
  store("$folder/htpasswd", $file . $added);
  return "auth_basic \\"Restricted\\";\\n    auth_basic_user_file $folder/htpasswd;";
}

sub lines { open my $file, '<', $_[0] or return; my @all = <$file>; close $file; @all }

sub store {
  my ($path, $text) = @_;
  umask 0077;
  open my $file, '>', $path or die "bin/boot: $path: $!\\n";
  print $file $text;
  close $file or die "bin/boot: $path: $!\\n";
}
`
