#!/bin/sh
# Formatting, the rooms' arrows, fenced libraries, banned functions, static analysis. Ends 1 when anything is found.
cd "$(dirname "$0")/.." || exit 1
bad=0
say() { echo "lint: $*"; bad=1; }

files=$(git ls-files -co --exclude-standard '*.c' '*.h')

echo "== format"
clang-format --dry-run -Werror $files || bad=1

echo "== rooms"
# The table in the Makefile says which doors a room may open.
for room in $(sed -n 's/^uses_\([a-z]*\) *:=.*/\1/p' Makefile); do
    allowed=" $room $(sed -n "s/^uses_$room *:= *//p" Makefile) "
    for file in $(git ls-files -co --exclude-standard "src/$room/*.[ch]" "include/$room/*.h"); do
        for used in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$file" | sort -u); do
            case $allowed in
            *" $used "*) ;;
            *) say "$file opens the door of $used, which the room $room may not use" ;;
            esac
        done
    done
done

echo "== fences"
fence() { # header, where it may stand
    found=$(git grep -lE "#include <($1)>" -- src include | grep -vE "$2")
    [ -z "$found" ] || say "<$1> is fenced in; it stands in: $found"
}
fence 'csv\.h' '^src/export/'
fence '(cjson/)?cJSON\.h' '^src/json/'
fence 'sqlite3\.h' '^src/state/'
fence 'curl/.*' '^src/push/http\.c$'
fence 'sodium\.h' '^src/base/'
fence 'utf8proc\.h' '^src/base/'
fence 'microhttpd\.h' '^src/sandbox/'

echo "== sizes"
# libcurl stays in one file, which may be longer
long=$(git ls-files -co --exclude-standard 'src/*.c' 'src/*.h' | grep -v '^src/push/http\.c$' | xargs wc -l |
    awk '$2 != "total" && $1 > 400 { print $2 " (" $1 ")" }')
[ -z "$long" ] || say "files of more than 400 lines: $long"

echo "== banned"
git grep -nE '\b(gets|sprintf|vsprintf|strcat|strtok|system|popen|strptime|getdate|atoi|atol|atof|alloca)[ ]*\(' -- src && bad=1
git grep -nE 'SSL_VERIFY(PEER|HOST), *0' -- src && say "TLS verification is never switched off"
git grep -nE '\b(TODO|FIXME)\b' -- src include ':!tests/lint.sh' tests Makefile && bad=1

echo "== cppcheck"
cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --suppress=missingInclude \
    --std=c11 -Iinclude -DOPSPUSH_VERSION='"lint"' -j2 src || bad=1

echo "== clang-tidy"
# one file a call: several at once make clang-tidy 14 invent va_list alarms
git ls-files -co --exclude-standard 'src/*.c' |
    xargs -P2 -n1 sh -c 'out=$(clang-tidy --quiet "$0" -- -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE \
        -DOPSPUSH_VERSION="\"lint\"" -Iinclude 2>/dev/null); [ -z "$out" ] || { printf "%s\n" "$out"; exit 1; }' || bad=1

[ "$bad" -eq 0 ] && echo "lint: clean"
exit "$bad"
