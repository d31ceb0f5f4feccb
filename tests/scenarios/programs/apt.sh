# apt-get and dpkg: what would be done (nothing is), what is known.
# shellcheck shell=sh

apt-get -s -o Debug::NoLocking=1 install bash | tail -3
apt-cache show bash | grep '^Package'
apt-cache depends coreutils | head -3
dpkg-query -W -f '${Package} ${db:Status-Status}\n' bash coreutils
apt-get -s -o Debug::NoLocking=1 install no-such-package-anywhere
