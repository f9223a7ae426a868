#!/bin/sh
# After an installation: tells the dynamic linker of the new library, so that programs with it start.
# Only root can, and a package (DESTDIR) does it where it is installed.
set -eu
[ -z "${DESTDIR:-}" ] && [ "$(id -u)" -eq 0 ] || exit 0
PATH=$PATH:/sbin:/usr/sbin
command -v ldconfig >/dev/null || exit 0
ldconfig
