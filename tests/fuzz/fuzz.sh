#!/bin/sh
# Builds the harnesses with libFuzzer and runs each. Usage: fuzz.sh BUILD SECONDS NAME...
build=$1; seconds=$2; shift 2
here=$(dirname "$0")
root=$here/../..
mkdir -p "$build"
sources=$(ls "$root"/src/base/*.c "$root"/src/json/*.c "$root"/src/profile/*.c "$root"/src/export/*.c "$root"/src/mapping/*.c)
for name in "$@"; do
    clang -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DOPSPUSH_VERSION='"fuzz"' -I"$root/include" -O1 -g \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o "$build/$name" "$here/$name.c" $sources \
        $(pkg-config --libs libsodium libutf8proc libcjson) -lcsv -lm || exit 1
    mkdir -p "$build/corpus-$name"
    dict=; for d in "$here"/dict/"$name".dict; do [ -f "$d" ] && dict="-dict=$d"; done
    "$build/$name" -max_total_time="$seconds" -timeout=10 $dict "$build/corpus-$name" "$here/corpus/$name" || exit 1
done
