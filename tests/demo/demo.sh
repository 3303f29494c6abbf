#!/bin/sh
# A rehearsal on loopback: two days of invented people against the stand-in server, which answers some requests with
# 429 and 500. The same result every time. Usage: demo.sh BUILD
set -u
build=${1:-build}
here=$(cd "$(dirname "$0")/../.." && pwd)
case $build in /*) ;; *) build=$here/$build ;; esac
shown=${build#"$here"/}
place=$build/demo
sandbox=
running=

finish() {
    code=$?
    trap - EXIT INT TERM HUP
    for process in $running $sandbox; do
        kill "$process" 2>/dev/null && wait "$process" 2>/dev/null
    done
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

say() {
    printf '\n=== %s\n\n' "$*"
}

# Shows a command as a person would type it, then runs it. Usage: show WANTED-EXIT COMMAND...
show() {
    wanted=$1
    shift
    printf '$ opspush %s\n' "$(printf '%s ' "$@" | sed "s#$here/##g; s# \$##")"
    "$build/opspush" "$@" & # in the background, so that a signal is not kept waiting
    running=$!
    wait "$running"
    got=$?
    running=
    [ "$got" -eq "$wanted" ] || fail "that was exit $got where exit $wanted was expected"
    printf '(exit %s)\n' "$got"
}

start_sandbox() {
    "$build/opspush-sandbox" --port 0 --port-file "$place/port" --token-file "$place/token" --die-with-parent \
        --latency 15 --seed 1566 --misbehave-by person --misbehave '429=1%:retry-after=1,500=1%' > "$place/sandbox.out" &
    sandbox=$!
    tries=0
    while [ ! -s "$place/port" ]; do
        tries=$((tries + 1))
        kill -0 "$sandbox" 2>/dev/null || fail "the sandbox did not start"
        [ "$tries" -lt 100 ] || fail "the sandbox did not say its port"
        sleep 0.1
    done
    read -r port < "$place/port"
}

rm -rf "$place"
mkdir -p "$place" || fail "cannot make $place"
chmod 700 "$place"
[ -t 2 ] && progress=auto || progress=lines
(umask 077 && printf 'sandbox-token\n' > "$place/token")
start_sandbox
cat > "$place/opspush.jsonc" << CONFIG
// The settings of the demo. A real one stands in /etc/opspush/opspush.jsonc.
{
  "mapping": "$here/mappings/banner-students.jsonc",
  "url": "http://127.0.0.1:$port/api/sandbox/v1",
  "token_file": "$place/token",
  "state": "$place/state.db",
  "rate": "none",
  "progress": "$progress",
}
CONFIG
config=$place/opspush.jsonc
day1=$here/samples/students-day1.csv
day2=$here/samples/students-day2.csv

say "Day 1: what would the first load do? (nothing is sent)"
show 0 plan --config "$config" --first-load "$day1"

say "Day 1: the first load"
show 0 push --config "$config" --first-load "$day1"

say "Day 1 again: nothing has changed, nothing is sent"
show 0 push --config "$config" "$day1"

say "Day 2: what would tonight's push do? (nothing is sent)"
show 0 plan --config "$config" "$day2"

say "Day 2: new, changed, rejected and gone people"
show 3 push --config "$config" "$day2"

say "Where everything is"
cat << WHERE
exit 3 means: finished, but some people are not delivered, and they wait for a person. Look at
  $shown/demo/runs/latest/summary.txt    one screen, as it goes by mail
  $shown/demo/runs/latest/rejects.csv    the rejected rows with the reasons: mend them, push the file again
  $shown/demo/runs/latest/results.csv    every row that was not unchanged
  $shown/demo/runs/latest/report.html    the same with charts, for a browser
  $shown/demo/runs/latest/run.json       for programs
Try also, for example
  $shown/opspush status  --config $shown/demo/opspush.jsonc
  $shown/opspush explain --config $shown/demo/opspush.jsonc --id A00000104 samples/students-day2.csv
The sandbox has ended; nothing is left running.
WHERE
