-- SPDX-License-Identifier: MIT
-- A new file, before its first table: marks it as ours ('DMRC') and lets retention give space back.
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 0x444d5243;
