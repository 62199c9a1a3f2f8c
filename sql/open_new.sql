-- SPDX-License-Identifier: MIT
-- A new file, before its first table: lets retention give space back. Its head is one page, written whole, which needs no journal;
-- the tables go through the WAL, and are synced with the first rows (open_write.sql comes after them).
PRAGMA page_size = 4096;
PRAGMA journal_mode = MEMORY;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
