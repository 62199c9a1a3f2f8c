-- SPDX-License-Identifier: MIT
-- What a second connection does while the first goes on: copies what is committed into the file, as far as nobody reads older pages.
PRAGMA synchronous = NORMAL;
PRAGMA wal_checkpoint(PASSIVE);
