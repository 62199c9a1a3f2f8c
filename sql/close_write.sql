-- SPDX-License-Identifier: MIT
-- The last writer leaves one plain file that anyone with a sqlite3 shell may read, also without the right to write.
PRAGMA optimize;
PRAGMA journal_mode = DELETE;
