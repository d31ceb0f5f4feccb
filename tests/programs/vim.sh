# grows: an edit after another with undolevels=1000000: the undo history is kept
# flat: the same with undolevels=10
exec $record /usr/bin/vim -u NONE -i NONE -n -es --cmd "let kind='$1'" -S "$here/undo.vim"
