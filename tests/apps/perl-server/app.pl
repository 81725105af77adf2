use strict;
use warnings;
use IO::Socket::INET;

open my $file, '<', 'quotes.txt' or die "quotes.txt: $!";
my @quotes = <$file>;
my $server = IO::Socket::INET->new(LocalPort => 5001, Listen => 5, ReuseAddr => 1) or die $@;
$SIG{TERM} = sub { exit 0 };
while (my $client = $server->accept) {
    while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/ }
    print $client "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n$quotes[0]";
    close $client;
}
