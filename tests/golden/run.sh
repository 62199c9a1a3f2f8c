#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the golden tests; with --write they rewrite what they expect. Read the difference before committing.
set -u
cd "$(dirname "$0")/../.." || exit 1
BIN="$PWD/${B:-build}/dmarcsift"
export BIN
for t in tests/golden/*.t; do
	"$t" "$@" || exit 1
done
git --no-pager diff --stat -- tests/golden
