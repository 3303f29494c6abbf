#!/bin/sh
# Plants each bug of tests/faults/plants in a copy of the tree and lets the simulator look for it. Each must be found within 10,000 seeds.
#   selftest.sh FOLDER [NAME...]     FOLDER: for the build and the table (plants.table)
# The last line: N passed, N failed.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$1
shift
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/opspush-plants-XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
cp -r "$here/src" "$here/include" "$here/tests" "$here/Makefile" "$work/"
seeds=${SEEDS:-10000}
passed=0
failed=0
table=$folder/plants.table
: >"$table"

build() {
    make -s -C "$work" DEPS=no BUILD="$work/build" "$work/build/faults/sim" >"$work/log" 2>&1
}

look() {
    "$work/build/faults/sim" --count "$seeds" --from 1 --stop --jobs 1 >"$work/out" 2>&1
    found=$(sed -n 's/^FAILED \(V[0-9]*\): seed \([0-9]*\).*/\1 \2/p' "$work/out" | sort -k2n | head -1)
}

if [ $# -eq 0 ]; then # a tree that has bugs of its own finds every plant
    build || { cat "$work/log"; exit 1; }
    "$work/build/faults/sim" --count "${CLEAN:-1000}" --from 1 --stop | tail -1 | grep -q ' 0 failed' || {
        echo "the tree itself fails: make faults"
        exit 1
    }
fi
for plant in "$here"/tests/faults/plants/*.patch; do
    name=$(basename "$plant" .patch)
    case " $* " in "  " | *" $name "* | *" ${name%%-*} "*) ;; *) continue ;; esac
    if ! patch -s -p1 -F0 -d "$work" -i "$plant" >"$work/log" 2>&1 || ! build; then
        printf '%-34s does not apply or build: %s\n' "$name" "$(head -1 "$work/log")"
        failed=$((failed + 1))
        printf '%s|does not build|\n' "$name" >>"$table"
    else
        look
        if [ -n "$found" ]; then
            printf '%-34s found by %-3s at seed %s\n' "$name" "${found% *}" "${found#* }"
            printf '%s|%s|%s\n' "$name" "${found#* }" "${found% *}" >>"$table"
            passed=$((passed + 1))
        else
            printf '%-34s NOT FOUND within %s seeds\n' "$name" "$seeds"
            printf '%s|not found|\n' "$name" >>"$table"
            failed=$((failed + 1))
        fi
    fi
    rm -rf "$work/src"
    cp -rp "$here/src" "$work/src"
    rm -f "$work"/src/*/*.orig "$work"/src/*/*.rej
    # what the plant touched is built again, the rest is not
    sed -n 's|^+++ b/\(src/[^ 	]*\).*|\1|p' "$plant" | while read -r file; do touch "$work/$file"; done
done
[ $# -gt 0 ] || "$here/tests/faults/figures.sh" "$folder"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
