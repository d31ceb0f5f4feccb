# perl: hashes, sorting, fork, a pipe.
# shellcheck shell=sh

perl -e 'my %h; $h{"key$_"} = [1 .. 5] for 1 .. 20000; my $n = 0; $n += @$_ for values %h; print "$n\n";
    my @s = sort { $a cmp $b } keys %h; print "$s[7] $s[-1]\n"; my $t = "ab" x 10000; $t =~ s/b/cd/g;
    print length($t), "\n"; if (my $p = fork) { waitpid $p, 0; print $? >> 8, "\n" } else { exit 4 }
    print `echo from a pipe`; exit 6'
