#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every test under one prove: unit programs, fuzz corpora, shell tests. B is the build folder.
# A test is tests/*/*.t (any language, executable, TAP) or a program in $B/unit or $B/replay.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
# An empty configuration stands before the user's, which would decide whose reports are counted.
mkdir -p "$B/settings/dmarcsift" && : > "$B/settings/dmarcsift/dmarcsift.conf" && chmod 644 "$B/settings/dmarcsift/dmarcsift.conf" || exit 1
export B BIN="$PWD/$B/dmarcsift" CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8 TZ=UTC XDG_CONFIG_HOME="$PWD/$B/settings"
list=
for t in "$B"/unit/test_* tests/*/*.t tests/check_*.sh tests/check_*.py; do
	case $t in *.d | *'*'*) ;; *) list="$list $t" ;; esac
done
for r in "$B"/replay/fuzz_*; do
	case $r in *.d|*'*') continue ;; esac
	name=${r##*/fuzz_}
	w="$B/replay/$name.t"
	printf '#!/bin/sh\nexec %s tests/fuzz/corpus/%s/*\n' "$r" "$name" > "$w"
	chmod +x "$w"
	list="$list $w"
done
# shellcheck disable=SC2086
exec prove ${PROVE:-} --exec '' -j "${JOBS:-$(($(nproc) + 1))}" $list
