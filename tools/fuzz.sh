#!/bin/sh
# Builds the fuzz targets (clang, ASan, UBSan) and runs each for some seconds, two at a time:
# fuzz.sh [SECONDS] [NAME…]. What they learn stays in build-fuzz/corpus; a finding is kept as
# build-fuzz/NAME-crash-… and belongs into tests/fuzz/corpus/NAME with its fix.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift

build=build-fuzz
[ -f $build/build.ninja ] ||
    CC=clang meson setup $build -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
ninja --quiet -C $build

targets=$(find $build/tests/fuzz -maxdepth 1 -type f -perm -u+x -name 'fuzz_*' | sort)
[ -n "$targets" ] || {
    echo "no fuzz target was built" >&2
    exit 1
}

# One target: prints a line, and the whole output when there is a finding.
one='
target=$1 seconds=$2
name=${target##*/fuzz_}
mkdir -p build-fuzz/corpus/$name
seeds=tests/fuzz/corpus/$name
[ -d $seeds ] || seeds=
if "$target" -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build-fuzz/$name- build-fuzz/corpus/$name $seeds >build-fuzz/$name.log 2>&1
then
    runs=$(sed -n "s/^stat::number_of_executed_units: *//p" build-fuzz/$name.log)
    echo "ok   $name: $runs executions, no finding"
else
    echo "FAIL $name"
    tail -n 60 build-fuzz/$name.log
    # What is needed to see it again, also where the file cannot be fetched from.
    crash=$(sed -n "s/.*Test unit written to //p" build-fuzz/$name.log)
    [ -z "$crash" ] || { echo "gzip and base64 of $crash:"; gzip -c "$crash" | base64; }
    exit 1
fi'
for target in $targets; do
    name=${target##*/fuzz_}
    [ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    echo "$target"
done | xargs -P 2 -I '{}' sh -c "$one" fuzz '{}' "$seconds"
