-- SPDX-License-Identifier: MIT
-- Settings of a reading connection.
PRAGMA query_only = ON;
PRAGMA cache_size = -4096;
PRAGMA temp_store = FILE;
PRAGMA trusted_schema = OFF;
