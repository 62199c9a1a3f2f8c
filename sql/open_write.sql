-- SPDX-License-Identifier: MIT
-- Settings of a writing connection. What is committed may be deleted from the mailbox: so each commit is synced, and the removal of the
-- journal, where there is one (end_new.sql), too.
PRAGMA synchronous = EXTRA;
PRAGMA foreign_keys = ON;
PRAGMA cache_size = -10240;
PRAGMA temp_store = FILE;
PRAGMA trusted_schema = OFF;
