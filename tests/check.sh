#!/bin/sh
# Runs every tier of tests and adds up their last lines. Usage: check.sh MAKE [VARIABLE=VALUE...]
passed=0; failed=0
log=$(mktemp); trap 'rm -f "$log"' EXIT
for tier in unit replay schema failures run-cases reports faults-short seeds; do
    echo "== $tier"
    begun=$(date +%s)
    "$@" --no-print-directory $tier >"$log" 2>&1; code=$?
    cat "$log"
    echo "   ($tier took $(($(date +%s) - begun)) s)"
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    if [ -z "$line" ]; then
        echo "FAIL $tier ended without its count (exit $code)"; failed=$((failed + 1)); continue
    fi
    p=${line%% *}; f=${line#*, }; f=${f%% *}
    passed=$((passed + p)); failed=$((failed + f))
    [ "$code" -eq 0 ] || [ "$f" -gt 0 ] || failed=$((failed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
