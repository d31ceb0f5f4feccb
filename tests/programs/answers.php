<?php
function answer(int $question, bool $flat): string
{
    static $known = [];
    if ($flat && count($known) >= 1000) {
        $known = [];
    }
    return $known[$question] ??= str_repeat("x", 100) . $question;
}
$finish = microtime(true) + 8;
$question = 0;
while (microtime(true) < $finish) {
    for ($i = 0; $i < 100; $i++) {
        answer($question++, $argv[1] === "flat");
    }
    usleep(2000);
}
