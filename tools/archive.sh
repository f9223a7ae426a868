#!/bin/sh
# Joins static libraries to one whose only global names are the public ones: archive.sh OUT IN…
set -eu
out=$1
shift
first=$1
shift
ld -r -o "$out.o" --whole-archive "$first" --no-whole-archive "$@"
objcopy --wildcard --keep-global-symbol='bzctrl_*' "$out.o"
rm -f "$out"
ar rcs "$out" "$out.o"
rm -f "$out.o"
