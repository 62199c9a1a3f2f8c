-- SPDX-License-Identifier: MIT
-- Gives the pages freed by retention back to the file system.
PRAGMA incremental_vacuum;
