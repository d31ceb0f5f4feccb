# What the tests of this folder share, on top of tests/system/lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154
programs=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR
. "$programs/../system/lib.sh"
here=$programs/../system # where report.py is

# With these V8 names its code, and each function keeps a frame of its own.
flags='--perf-basic-prof --interpreted-frames-native-stack --no-turbo-inlining'

forget_map() { # REPORT: node leaves its map behind
    rm -f "/tmp/perf-$(report value "$1" process.pid).map"
}
