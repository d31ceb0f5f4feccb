use strict;
use warnings;
use Scalar::Util qw(weaken);
use Time::HiRes qw(time sleep);
my $end = time + 8;
while (time < $end) {
    for (1 .. 200) {
        my $parent = { name => "x" x 50 };
        my $child = { parent => $parent };
        $parent->{child} = $child;
        weaken($child->{parent}) if $ARGV[0] eq 'flat';
    }
    sleep 0.002;
}
