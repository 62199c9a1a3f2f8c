-- SPDX-License-Identifier: MIT
-- Settings of a writing connection. synchronous = FULL: what is committed may be deleted from the mailbox.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA cache_size = -10240;
PRAGMA temp_store = FILE;
PRAGMA trusted_schema = OFF;
