-- SPDX-License-Identifier: MIT
-- A new file has its first rows: from here on through the WAL. Going over writes two bytes in the head of the file, which no journal need guard.
PRAGMA journal_mode = MEMORY;
PRAGMA journal_mode = WAL;
