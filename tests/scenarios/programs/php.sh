# php: arrays, strings, a generator, an exception.
# shellcheck shell=sh disable=SC2016 # not for this shell

php -r '$a = []; for ($i = 0; $i < 50000; $i++) $a["k$i"] = [$i, str_repeat("x", $i % 30)]; echo count($a), "\n", md5(serialize($a)), "\n";
    function g() { for ($i = 0; $i < 1000; $i++) yield $i; } echo array_sum(iterator_to_array(g())), "\n";
    try { intdiv(1, 0); } catch (DivisionByZeroError $e) { echo $e->getMessage(), "\n"; } echo preg_replace("/a(b)/", "$1$1", str_repeat("ab", 5)), "\n"; exit(7);'
