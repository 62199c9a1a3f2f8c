#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the unit and command line tests over a build with --coverage, and says for each room and file which share of its lines
# was run. B is the build folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build/cover}
export B BIN="$PWD/$B/dmarcsift" CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8 TZ=UTC
find "$B" -name '*.gcda' -delete
# shellcheck disable=SC2046
prove --exec '' -j "${JOBS:-2}" $(find "$B/unit" -name 'test_*' ! -name '*.*') tests/cli/*.t
for f in base/*.c ingest/*.c parse/*.c sql/*.c report/*.c cli/*.c; do
	gcov -n -o "$B/${f%.c}.o" "$f" 2>/dev/null | awk -v f="$f" '/^File / { mine = index($0, "\047" f "\047") } mine && /^Lines executed/ { print f, $0; exit }'
done | sed -E 's/Lines executed:([0-9.]+)% of ([0-9]+)/\1 \2/' | awk '
	{ split($1, p, "/"); room[p[1]] += $3; hit[p[1]] += $2 * $3 / 100; all += $3; got += $2 * $3 / 100; printf "%6.1f%% of %5d  %s\n", $2, $3, $1 }
	END { for (r in room) printf "%6.1f%% of %5d  %s/\n", 100 * hit[r] / room[r], room[r], r; if (all) printf "%6.1f%% of %5d  all\n", 100 * got / all, all }'
