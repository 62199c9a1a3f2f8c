-- SPDX-License-Identifier: MIT
-- Stamps the file with the version of schema.sql.
PRAGMA user_version = 3;
