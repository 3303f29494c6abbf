#!/bin/sh
# Every number in tests/failures.list must begin the name of a test; those without are listed. Last line: N passed, N failed.
cd "$(dirname "$0")/.." || exit 1
named=$(grep -rhoE '\b[ICDNAOHV][0-9]{1,3}(_[IiCDNAOHV][0-9]{1,3})*_[a-z0-9]' tests --include='*.c' --include='*.py' --include='*.h' |
    grep -oE '[ICDNAOHV][0-9]{1,3}' | sort -u)
passed=0; failed=0
while read -r number; do
    if printf '%s\n' "$named" | grep -qx "$number"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1)); echo "no test is named after $number"
    fi
done <tests/failures.list
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
