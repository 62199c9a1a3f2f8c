#!/bin/sh
# SPDX-License-Identifier: MIT
# The demonstration behind `make demo`: samples/ into a fresh database, and what it says. usage: demo.sh BUILD
set -eu
bin=$1/dmarcsift
db=$1/demo/demo.db
mkdir -p "$1/demo"
rm -f "$db" "$db"-*
# The user's configuration, where there is one, is of other domains.
run() {
	"$bin" --config /dev/null --db "$db" --now 2026-11-23 "$@"
}
# One sample is cut short on purpose: exit status 3 says so.
run ingest samples || [ $? = 3 ]
echo
run report --html "$1/demo/report.html" --text
echo
echo "page:     $1/demo/report.html"
echo "database: $db   (try: sqlite3 $db 'SELECT * FROM v_sources LIMIT 5')"
