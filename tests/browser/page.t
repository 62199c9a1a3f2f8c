#!/bin/sh
# SPDX-License-Identifier: MIT
# The page in a real Chromium: see page.js. Installs the two pinned npm packages where they are not there yet.
set -u
cd "$(dirname "$0")" || exit 1
B=${B:-build}
case $B in /*) ;; *) B=$PWD/../../$B ;; esac
CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
if [ -z "$CHROMIUM" ] || ! command -v node > /dev/null; then
	printf '1..1\nnot ok 1 - chromium and node are there (sh tests/tools/deps.sh check)\n'
	exit 1
fi
if ! [ -f node_modules/.package-lock.json ]; then	# which npm writes last: an earlier run may have been killed
	if ! said=$(npm ci --no-audit --no-fund 2>&1); then
		printf '1..1\nnot ok 1 - the two packages of the browser test are installed (npm ci)\n'
		echo "$said" | sed 's/^/# /'
		exit 1
	fi
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT INT TERM
for kind in story fine empty hostile many large; do
	"$B/tools/page_demo" "$kind" "$work/$kind.html" || { echo "not ok 1 - page_demo $kind"; exit 1; }
	"$B/tools/page_demo" "$kind" "$work/$kind.again" || exit 1
done
# And one of the program itself, over the samples.
BIN=${BIN:-$B/dmarcsift}
"$BIN" -q --db "$work/samples.db" ingest ../../samples
for file in samples.html samples.again; do
	"$BIN" --db "$work/samples.db" --now 2026-11-24 report --html "$work/$file" || { echo "not ok 1 - report --html"; exit 1; }
done
# And of invented worlds (tests/tools/make_world.py), each with its JSON, which the page has to agree with.
for kind in rich healthy foreign twenty; do
	python3 ../tools/make_world.py "$kind" "$work/$kind.in" || exit 1
	: > "$work/some.conf"
	[ "$kind" = twenty ] || printf 'domains = { "example.org", "shop.example", "example.net", "parked.example", "healthy.example" }\n' > "$work/some.conf"
	chmod 600 "$work/some.conf"
	"$BIN" --config "$work/some.conf" -q --db "$work/$kind.db" ingest "$work/$kind.in" 2> /dev/null
	for file in "$kind.html" "$kind.again"; do
		"$BIN" --config "$work/some.conf" --db "$work/$kind.db" --now 2026-11-24 report --since 2026-08-26 --until 2026-11-23 --html "$work/$file" --json "$work/$kind.json" || exit 1
	done
done
CHROMIUM=$CHROMIUM WORK=$work node page.js
