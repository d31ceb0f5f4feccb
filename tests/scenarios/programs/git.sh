# git: commits, log, gc, fsck, blame, diff.
# shellcheck shell=sh

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
    GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c@d GIT_AUTHOR_DATE='1700000000 +0000' \
    GIT_COMMITTER_DATE='1700000000 +0000'
git init -q -b main repository && cd repository || exit
for turn in 1 2 3 4 5 6 7 8; do
    seq "$turn" $((turn * 3000)) >numbers
    git add numbers
    git commit -q -m "turn $turn"
done
git log --stat -p --format='%H %s' | sha256sum
git gc -q
git fsck --full && git count-objects | cut -d, -f1
git blame numbers | sha256sum
git diff --exit-code HEAD~3 | tail -3
cd .. && rm -r repository
GIT_CEILING_DIRECTORIES=$PWD git rev-parse
