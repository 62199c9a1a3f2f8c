#!/bin/sh
# SPDX-License-Identifier: MIT
# Looks over everything with other people's eyes: shellcheck, cppcheck, mandoc, clang-tidy, and the layout. Fails where one
# of them complains; what is silenced is silenced here, with the reason.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
step() {
	echo "  LINT $1"
	shift
	"$@" || bad=1
}

# shellcheck disable=SC2046
step shellcheck shellcheck $(git ls-files '*.sh' .ci/run)
step mandoc mandoc -T lint -W warning doc/dmarcsift.1
# It loses sight of what a callee fills, also over files (gcc and valgrind do not), and of a pointer that is NULL exactly where another is.
step cppcheck cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	--suppress=missingIncludeSystem --suppress=uninitvar --suppress=ctuuninitvar --suppress=ctunullpointer \
	--suppress=nullPointerArithmeticRedundantCheck -I. -D_GNU_SOURCE base ingest parse sql report cli
# Checks that find faults, not tastes. Its check of va_list takes one that is handed down for unset, the one of ends takes bytes for text; padding and parentheses are tastes.
# shellcheck disable=SC2317
tidy() {
	checks='-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions'
	checks="$checks,-bugprone-implicit-widening-of-multiplication-result,-bugprone-branch-clone,-bugprone-assignment-in-if-condition"
	checks="$checks,-clang-analyzer-valist.Uninitialized,-clang-analyzer-optin.performance.Padding,-bugprone-macro-parentheses"
	checks="$checks,-bugprone-not-null-terminated-result"
	checks="$checks,-bugprone-reserved-identifier,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
	# shellcheck disable=SC2046
	out=$(clang-tidy --quiet --checks="$checks" $(git ls-files 'base/*.c' 'ingest/*.c' 'parse/*.c') -- -std=c11 -D_GNU_SOURCE -I. \
		$(pkg-config --cflags libxml-2.0 gmime-3.0 libcurl libzip) 2>/dev/null | grep -E 'warning:|error:')
	[ -z "$out" ] || { echo "$out"; return 1; }
}
step clang-tidy tidy
step layout python3 tests/tools/format.py --check
exit $bad
