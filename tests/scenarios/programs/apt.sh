# apt-get and dpkg: what would be done (nothing is), what is known. Every apt command reads all lists anew: in CI, one.
# shellcheck shell=sh

apt-get -s -o Debug::NoLocking=1 install bash | tail -3
dpkg-query -W -f '${Package} ${db:Status-Status}\n' bash coreutils
dpkg-query -W no-such-package-anywhere
[ "$1" -gt 1 ] || exit 0
apt-cache show bash | grep '^Package'
apt-cache depends coreutils | head -3
apt-get -s -o Debug::NoLocking=1 install no-such-package-anywhere
