-- SPDX-License-Identifier: MIT
-- Stamps the file as ours ('DMRC'), with the version of schema.sql.
PRAGMA application_id = 0x444d5243;
PRAGMA user_version = 5;
