#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, and asks the package manager only then. usage: deps.sh build|demo|check|lint|pictures
# build: what `make` needs; demo: also the shell its last line names; check: also what the tests need; pictures: what tests/browser/shots.js needs, which no test runs. Without the right to install it prints the
# one command that does it, and fails.
set -u
build="gcc make pkg-config libxml2-dev zlib1g-dev libzip-dev libsqlite3-dev libcurl4-openssl-dev libgmime-3.0-dev
libpsl-dev libidn2-dev publicsuffix libconfuse-dev libjansson-dev libssl-dev"
check="$build libcmocka-dev sqlite3 python3 perl mandoc python3-jsonschema chromium nodejs npm poppler-utils dovecot-imapd openssl zsh fish valgrind libc6-dbg"

case ${1:-} in
build) want=$build ;;
demo) want="$build sqlite3" ;;
check) want=$check ;;
pictures) want="chromium nodejs npm poppler-utils" ;;
lint) want="$build shellcheck cppcheck clang-tidy mandoc python3 git" ;;
*) echo "usage: deps.sh build|demo|check|lint|pictures" >&2; exit 2 ;;
esac

# What is there without a package's record (a compiler or python of one's own) need not be installed.
have() {
	case $1 in
	gcc) command -v "${CC:-cc}" >/dev/null 2>&1 && return 0 ;;
	nodejs) command -v node >/dev/null 2>&1 && return 0 ;;
	dovecot-imapd) [ -x /usr/sbin/dovecot ] && return 0 ;;
	poppler-utils) command -v pdftoppm >/dev/null 2>&1 && return 0 ;;
	perl) command -v prove >/dev/null 2>&1 && return 0 ;;
	make | git | pkg-config | sqlite3 | python3 | shellcheck | cppcheck | clang-tidy | mandoc | npm | chromium | openssl | valgrind) command -v "$1" >/dev/null 2>&1 && return 0 ;;
	esac
	[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]
}

if ! command -v dpkg-query >/dev/null 2>&1; then
	# shellcheck disable=SC2086
	echo this is not Debian: install the equivalents of: $want >&2
	exit 0
fi
missing=
for p in $want; do
	have "$p" || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

# As it is typed by hand, with sudo or without it, as on a Debian whose root has a password.
who="" sudo=""
if [ "$(id -u)" != 0 ]; then
	if command -v sudo >/dev/null 2>&1; then sudo="sudo "; else who="as root: "; fi
fi
by_hand="$who${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends$missing"
if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
	echo "missing:$missing" >&2
	echo "install with: $by_hand" >&2
	exit 1
fi
echo "installing:$missing"
# sudo passes no variables on.
get="${sudo:+sudo -n }env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300"
# shellcheck disable=SC2086
if ! { $get update -qq && $get install -y -qq --no-install-recommends $missing >/dev/null; }; then
	echo "could not install; by hand: $by_hand" >&2
	exit 1
fi
