#!/bin/sh
# Java: the heap by what is committed, direct buffers and Unsafe by the block, each with the Java method that asked.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need java javac
cd "$work"
javac -nowarn -d . "$programs/java/Leaks.java" 2>javac.err || fail "$(cat javac.err)"
# A heap that is committed as it is used, in small pieces and by one collector thread; names of compiled methods.
flags='-Xms8m -Xmx512m -Xmn4m -XX:+UseSerialGC -XX:MinHeapFreeRatio=5 -XX:MaxHeapFreeRatio=10
    -XX:+PreserveFramePointer -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit'
with=LEAKWATCH_MIN_BYTES=16k # or the stacks that allocated one or two would not be listed
for kind in list cache direct unsafe; do
    # shellcheck disable=SC2086 # words
    record_well $kind java $flags -cp . Leaks $kind &
    pids="${pids:-} $!"
done
for pid in $pids; do
    wait "$pid"
done
for kind in list cache direct unsafe; do
    forget_map $kind.json
done

report runtime list.json jvm growing
report runtime cache.json jvm calm
report runtime direct.json direct growing 'void Leaks.keepBuffer(int)'
report runtime unsafe.json direct growing 'void Leaks.keepUnsafe(int)'
equal "blocks of Unsafe" 1500 "$(report blocks unsafe.json Unsafe_AllocateMemory0 16384)"
