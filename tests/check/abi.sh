#!/bin/sh
# Holds the built library against the ABI that is committed: abi.sh BUILD. A change that is meant, which
# may only add something, is taken over by abi.sh BUILD --write.
set -eu
cd "$(dirname "$0")/../.."
library=$1/src/lib/libbzctrl.so
options="--drop-private-types --exported-interfaces-only"
if [ "${2:-}" = --write ]; then
    exec abidw --headers-dir include $options --no-show-locs --no-corpus-path --no-comp-dir-path \
        --out-file include/bzctrl.abi "$library"
fi
abidiff --headers-dir2 include $options include/bzctrl.abi "$library"
