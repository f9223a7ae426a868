#!/bin/sh
# clang-tidy over src/ by the compile commands of a build folder: tidy.sh BUILD [FILE-PATTERN]
# .clang-tidy has the rules. Quiet when clean.
cd "$(dirname "$0")/../.."
build=${1:-build}
pattern=${2:-/src/.*\\.c$}
output=$(mktemp)
trap 'rm -f "$output"' EXIT
# The commands may be gcc's: clang does not know all of its warning flags, nor gcc the one that meson.build
# gives to clang.
if run-clang-tidy-19 -clang-tidy-binary clang-tidy-19 -p "$build" -quiet -extra-arg=-Wno-unknown-warning-option \
    -extra-arg=-Wno-gnu-zero-variadic-macro-arguments "$pattern" >"$output" 2>&1 &&
    ! grep -q -E '(warning|error): ' "$output"; then
    exit 0
fi
sed 's/\x1b\[[0-9;]*m//g' "$output" | grep -v -E '^(\[.*\] ?)?clang-tidy|warnings? (generated|treated)|^$'
exit 1
