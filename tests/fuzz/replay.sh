#!/bin/sh
# Replays each harness's corpus. Usage: replay.sh FOLDER NAME...
folder=$1; shift
passed=0; failed=0
here=$(dirname "$0")
for name in "$@"; do
    if "$folder/$name" "$here/corpus/$name"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $name"; fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
