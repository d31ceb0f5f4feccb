#!/bin/sh
# sampling_estimates_what_is_there.sh [ALLOCATOR]: with LEAKWATCH_SAMPLE the weighted counts meet the true ones. 50,000
# blocks of 100 bytes, one sample in 4 KiB: some 1,300 samples, so 15 % is more than five standard deviations.
. "$(dirname "$0")/lib.sh"

with=LEAKWATCH_SAMPLE=4k also=${1:-}
record run "$targets/state" --seconds 1
equal "sample_bytes" 4096 "$(report value "$work/run.json" recorder.sample_bytes)"
/usr/bin/python3 - "$work/run.json" <<'END' || fail "estimates"
import json, sys
sites = [s for s in json.load(open(sys.argv[1]))["sites"]
         if any(f["function"] == "load_module" for f in s["stack"])]
blocks = sum(s["live_blocks"] for s in sites)
live = sum(s["live_bytes"] for s in sites)
print(blocks, "blocks", live, "bytes")
sys.exit(not (42500 <= blocks <= 57500 and 0.85 * 50000 * 104 <= live <= 1.15 * 50000 * 112))
END
