#!/bin/sh
# Writes the simulator's figures into the README beside this file: those of the last `make faults` and of the last `make faults-selftest`.
#   figures.sh FOLDER     where they left sim.figures and plants.table
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
part=$(mktemp)
trap 'rm -f "$part"' EXIT

figure() {
    sed -n "s/^$1 //p" "$folder/sim.figures"
}

if [ -f "$folder/sim.figures" ]; then
    echo "| seeds | failed | nights | calls of the tool | requests | crashes | nights with faults | seconds | cores | nights a second and core |"
    echo "|---|---|---|---|---|---|---|---|---|---|"
    echo "| $(figure seeds) | $(figure failed) | $(figure nights) | $(figure runs) | $(figure requests) | $(figure crashes) | $(figure nights_with_faults) | $(figure seconds) | $(figure jobs) | $(figure nights_a_second) |"
    echo
fi >"$part"
if [ -f "$folder/plants.table" ]; then
    echo "$(grep -c '|V[0-9]' "$folder/plants.table") of $(wc -l <"$folder/plants.table") planted bugs are found:"
    echo
    echo "| bug | first seed that finds it | by |"
    echo "|---|---|---|"
    sed 's/^\([^|]*\)|\([^|]*\)|\(.*\)$/| \1 | \2 | \3 |/' "$folder/plants.table"
    echo
fi >>"$part"
[ -s "$part" ] || exit 0
for section in sim.figures plants.table; do [ -f "$folder/$section" ] || echo "figures: there is no $folder/$section yet" >&2; done

begin='<!-- begin: written by make faults and make faults-selftest -->'
end='<!-- end of the simulator -->'
grep -qF "$begin" "$here/README.md" || printf '\n%s\n%s\n' "$begin" "$end" >>"$here/README.md"
awk -v begin="$begin" -v end="$end" -v part="$part" '
    $0 == begin { print; while ((getline line < part) > 0) print line; skipping = 1; next }
    $0 == end { skipping = 0 }
    !skipping { print }' "$here/README.md" >"$here/README.md.new"
mv "$here/README.md.new" "$here/README.md"
