-- SPDX-License-Identifier: MIT
-- Before views.sql lays them down anew; and before the steps of a migration, where no view is to stand in the way of a table that changes.
DROP VIEW IF EXISTS auth_words;
DROP VIEW IF EXISTS v_reports;
DROP VIEW IF EXISTS v_records;
DROP VIEW IF EXISTS v_auth;
DROP VIEW IF EXISTS v_sources;
DROP VIEW IF EXISTS v_daily;
DROP VIEW IF EXISTS v_intake;
DROP VIEW IF EXISTS v_findings;
