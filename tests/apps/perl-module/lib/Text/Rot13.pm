package Text::Rot13;

use strict;
use warnings;

sub rotated {
    my ($text) = @_;
    $text =~ tr/a-zA-Z/n-za-mN-ZA-M/;
    return $text;
}

1;
