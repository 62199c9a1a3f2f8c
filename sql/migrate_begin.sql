-- SPDX-License-Identifier: MIT
-- Before the steps of a migration: a table that is made anew neither empties a user's own that refers to it, nor has what refers to it renamed (SQLite's own order for such changes).
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
