-- SPDX-License-Identifier: MIT
-- The last writer leaves one plain file that anyone with a sqlite3 shell may read, also without the right to write.
-- Estimates for the planner, from samples, in one transaction that needs no syncing of its own.
PRAGMA synchronous = NORMAL;
PRAGMA analysis_limit = 1000;
BEGIN;
PRAGMA optimize;
COMMIT;
-- Out of WAL; all that is written after the checkpoint are two bytes in the head of the file, which no journal need guard.
PRAGMA journal_mode = MEMORY;
