package Text::Loud;
use strict;
use warnings;
use Exporter 'import';
our @EXPORT_OK = qw(loud);

sub loud { my ($text) = @_; chomp $text; return uc $text; }

1;
