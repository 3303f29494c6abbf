#!/bin/sh
# Builds the harnesses with libFuzzer and runs each. Usage: fuzz.sh BUILD LIMIT NAME...
# LIMIT is libFuzzer's: -max_total_time=SECONDS or -runs=N.
set -u
build=$1; limit=$2; shift 2
here=$(dirname "$0")
root=$here/../..
mkdir -p "$build"
sources=$(ls "$root"/src/base/*.c "$root"/src/json/*.c "$root"/src/profile/*.c "$root"/src/export/*.c "$root"/src/mapping/*.c)
# comparisons are not traced, and no call stack is kept of what is allocated: two to three times as many inputs a second
export ASAN_OPTIONS="${ASAN_OPTIONS:-malloc_context_size=0:quarantine_size_mb=4}"
for name in "$@"; do
    clang -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DOPSPUSH_VERSION='"fuzz"' -I"$root/include" -O2 -g \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-coverage=trace-cmp -fno-sanitize-recover=all \
        -o "$build/$name" "$here/$name.c" $sources \
        $(pkg-config --libs libsodium libutf8proc libcjson) -lcsv -lm || exit 1
    mkdir -p "$build/corpus-$name"
    dict=; for d in "$here"/dict/"$name".dict; do [ -f "$d" ] && dict="-dict=$d"; done
    "$build/$name" "$limit" -timeout=60 -max_len=400 -artifact_prefix="$build/" -print_final_stats=1 $dict \
        "$build/corpus-$name" "$here/corpus/$name" || exit 1
done
