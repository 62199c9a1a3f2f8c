#!/bin/sh
# SPDX-License-Identifier: MIT
# A mixed ingest, a second one, a retry and a report under valgrind: no error, no leak. B is the build folder.
set -eu
bin=${B:-build}/dmarcsift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
vg="valgrind -q --suppressions=tests/tools/valgrind.supp --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite"
n=0
echo 1..7
run() {
	n=$((n + 1)) status=0
	# shellcheck disable=SC2086
	$vg "$bin" --db "$dir/a.db" --now 2026-11-23 "$@" >/dev/null 2>"$dir/err" || status=$?
	if [ "$status" != 0 ] && [ "$status" != 3 ]; then
		cat "$dir/err" >&2
		echo "not ok $n - valgrind: $* (status $status)"
		exit 1
	fi
	echo "ok $n - valgrind: $*"
}
run ingest samples tests/fuzz/corpus
run ingest samples
run retry
run report --text --html "$dir/p.html" --csv "$dir/csv" --json "$dir/p.json"
run label mandrill mine
run status
run forget example.org
