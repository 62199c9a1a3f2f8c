-- SPDX-License-Identifier: MIT
-- After them, as open_write.sql has it.
PRAGMA legacy_alter_table = OFF;
PRAGMA foreign_keys = ON;
