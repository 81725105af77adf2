#!/usr/bin/perl
use strict;
use warnings;
use Text::Loud qw(loud);
use POSIX qw(floor);

open my $file, '<', $ENV{FILTER_INPUT} or die "$ENV{FILTER_INPUT}: $!";
print loud($_), ' ', floor(length($_) / 2), "\n" while <$file>;
