#!/bin/sh
# An addon of node (by node-addon-api from npm) and an extension of python that leak through malloc: the native function
# names the site, and the JavaScript function that called it is on the same stack.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib_node.sh"

need node npm c++ /usr/bin/python3 cc /usr/include/node/node_api.h /usr/include/python3.11/Python.h
cd "$work" # V8 leaves a log where it runs
cp "$programs/addon/package.json" "$programs/addon/package-lock.json" "$programs/addon/.npmrc" .
npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >npm.log 2>&1 || fail "npm ci: $(cat npm.log)"
c++ -g -O2 -fPIC -shared -DNAPI_DISABLE_CPP_EXCEPTIONS -I/usr/include/node -Inode_modules/node-addon-api \
    "$programs/addon/leak_addon.cpp" -o addon.node
cc -g -O2 -fPIC -shared -I/usr/include/python3.11 "$programs/addon/leak_extension.c" -o leak_extension.so
# shellcheck disable=SC2086 # words
record_well addon env TURNS=1000 node $flags "$programs/addon/addon.js" "$work/addon.node" &
addon=$!
record_well extension env TURNS=1000 PYTHONPATH="$work" /usr/bin/python3 "$programs/addon/extension.py"
wait $addon
forget_map "$work/addon.json"
report grows "$work/addon.json" leak_in_addon
report grows "$work/addon.json" askAddon
report grows "$work/extension.json" leak_in_extension
report grows "$work/extension.json" _PyEval_EvalFrameDefault
