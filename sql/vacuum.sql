-- SPDX-License-Identifier: MIT
-- Gives free pages (of retention, of a migration) back to the file system.
PRAGMA incremental_vacuum;
