-- SPDX-License-Identifier: MIT
-- A new file, in the transaction that makes its tables: lets retention give space back, which must be said before anything is written.
PRAGMA page_size = 4096;
BEGIN;
PRAGMA auto_vacuum = INCREMENTAL;
