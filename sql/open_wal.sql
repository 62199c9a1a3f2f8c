-- SPDX-License-Identifier: MIT
-- What is written to a database that has rows goes through the WAL: others read on meanwhile.
PRAGMA journal_mode = WAL;
