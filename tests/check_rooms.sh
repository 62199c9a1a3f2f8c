#!/bin/sh
# SPDX-License-Identifier: MIT
# The room rules, proved from the includes: who may know whom, and who alone uses which library.
set -u
cd "$(dirname "$0")/.." || exit 1
n=0 bad=0
check() {	# check SENTENCE LINES-THAT-BREAK-IT
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		bad=1
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
	fi
}
includes() {	# includes ROOM: "file header" for each include of ours
	grep -nE '^#include "' "$1"/*.c "$1"/*.h 2>/dev/null | sed -E 's/^([^:]*):[0-9]+:#include "([^"]*)".*/\1 \2/'
}
echo 1..12
check "base knows nobody" "$(includes base | grep -vE ' base/')"
check "ingest knows only base and itself" "$(includes ingest | grep -vE ' (base|ingest)/')"
check "parse knows only base and itself" "$(includes parse | grep -vE ' (base|parse)/')"
check "sql knows base, itself and the door of parse" "$(includes sql | grep -vE ' (base|sql)/| parse/(parse|ip|domain)\.h')"
check "report knows base, itself and the doors of parse and sql" "$(includes report | grep -vE ' (base|report)/| parse/(parse|ip|domain)\.h| sql/store\.h')"
check "cli enters by the doors" "$(includes cli | grep -E ' (ingest|parse|sql)/' | grep -vE ' ingest/(ingest|fetch)\.h| parse/(parse|ip|domain)\.h| sql/(store|export)\.h')"
check "only parse/xml.c knows libxml2" "$(grep -lE '#include <libxml/' ./*/*.c ./*/*.h | grep -vE 'parse/xml\.c|cli/main\.c')"
check "only the reading of mails knows GMime" "$(grep -lE '#include <gmime/' ./*/*.c ./*/*.h | grep -vE 'ingest/(mime|returned)\.c')"
check "only unpacking and kept bytes know zlib and libzip" "$(grep -lE '#include <(zlib|zip)\.h>' ./*/*.c ./*/*.h | grep -vE 'ingest/unpack\.h|sql/(ledger|keep)\.c|cli/main\.c')"
check "only sql knows SQLite" "$(grep -lE '#include <sqlite3\.h>' ./*/*.c ./*/*.h | grep -vE '^\./sql/|cli/main\.c')"
check "only the fetching files know libcurl" "$(grep -lE '#include <curl/' ./*/*.c ./*/*.h | grep -vE 'ingest/(imap_conn|oauth|imap_parse)\.c|cli/main\.c')"
check "each source file says what it is" "$(for f in base/*.[ch] ingest/*.[ch] parse/*.[ch] sql/*.[ch] report/*.[ch] cli/*.[ch]; do
	head -1 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f: no SPDX line"; done)"
exit $bad
