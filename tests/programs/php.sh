# grows: a static array that keeps the answer to every new question
# flat: the array is emptied at 1000 answers
exec $record /usr/bin/php "$here/answers.php" "$1"
