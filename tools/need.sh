#!/bin/sh
# Makes sure that what a step needs is installed: need.sh build|test|bench|check
# Quick when nothing is missing. Installs Debian packages by name, or says how. Debian 12 and 13 both have
# every name: either one without a version, which is each release's own, or version 19 of the tools whose
# findings depend on their version. `need.sh names` prints them all.
set -eu

case ${1:-} in build | test | bench | check | names) ;; *)
    echo "usage: $0 build|test|bench|check|names" >&2
    exit 64
    ;;
esac

build="build-essential meson ninja-build pkg-config python3 libuv1-dev libsodium-dev libssl-dev
    libsqlite3-dev libpq-dev libcmocka-dev libinih-dev libglib2.0-dev libpcre2-dev libsystemd-dev
    libcurl4-openssl-dev libjose-dev libjansson-dev zlib1g-dev scdoc curl"
test="g++ openssl clang libclang-rt-dev chromium-headless-shell sqlite3 strace valgrind procps
    systemd postgresql haproxy nginx libreoffice-calc-nogui prometheus postfix"
check="clang clang-tidy-19 clang-format-19 libclang-rt-dev git abigail-tools"
bench="nginx wrk sqlite3 procps postgresql"
case $1 in
build) packages=$build ;;
test) packages="$build $test" ;;
check) packages="$build $check" ;;
bench) packages="$build $bench" ;;
names)
    printf '%s\n' ca-certificates nodejs npm $build $test $check $bench | sort -u
    exit 0
    ;;
esac

missing=
if command -v dpkg-query >/dev/null; then
    # Which of them are not installed: dpkg-query prints a line for each that it knows.
    have=" $(dpkg-query -W -f '${db:Status-Status}/${Package} ' $packages 2>/dev/null || true)"
    for package in $packages; do
        case $have in *" installed/$package "*) ;; *) missing="$missing $package" ;; esac
    done
fi
# nginx and Node may come from elsewhere than Debian.
if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; then
    missing=$(echo "$missing " | sed 's/ nginx / /')
fi
# A machine's own mail server is not replaced; a test says that it was not run.
if [ -x /usr/sbin/sendmail ]; then
    missing=$(echo "$missing " | sed 's/ postfix / /')
fi
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
missing=$(echo $missing)
[ -n "$missing" ] || exit 0

cannot() {
    cat >&2 <<END

$1
These packages are missing; install them and call make again:

    apt-get update && apt-get install --no-install-recommends $missing

END
    exit 1
}

command -v apt-get >/dev/null ||
    cannot "This is not a Debian system, so make cannot install what it needs (the names are Debian's)."
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || cannot "Installing packages needs root, and there is no sudo here."
    sudo=sudo
fi

echo "Installing Debian packages: $missing" >&2
export DEBIAN_FRONTEND=noninteractive
# The output is long and of no interest unless it fails.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Without a configuration of the system's own, postfix is not started.
case " $missing " in *" postfix "*)
    echo "postfix postfix/main_mailer_type select No configuration" | $sudo debconf-set-selections
    ;;
esac
if $sudo apt-get update >"$log" 2>&1 &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates $missing >>"$log" 2>&1; then
    exit 0
fi
tail -n 20 "$log" >&2
cannot "apt-get failed (see above)."
