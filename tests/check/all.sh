#!/bin/sh
# Every check that is not a test: all.sh BUILD. Says each by name, and goes on after one that fails.
cd "$(dirname "$0")/../.."
build=${1:-build}
bad=0

check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok   $name"
    else
        echo "FAIL $name"
        echo "$output" | sed 's/^/     /'
        bad=1
    fi
}

sources() {
    git ls-files -co --exclude-standard -- 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h' 'bench/*.c' 'include/*.h'
}

check format sh -c 'clang-format-19 --dry-run -Werror "$@"' - $(sources)
for rule in includes names sql raw size words limits; do
    check $rule node tests/check/$rule.mjs
done
check openapi node tests/check/openapi.mjs
check web sh -c 'cd web && npm run --silent check'
check shell sh -c 'for f in .ci/run tools/*.sh tests/check/*.sh; do sh -n "$f" || exit 1; done'
check abi tests/check/abi.sh "$build"
check clang-tidy tests/check/tidy.sh "$build"
exit $bad
