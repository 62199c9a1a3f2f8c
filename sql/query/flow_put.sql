-- Totals of one (domain, address, results, outcome). Parameters in the order of the columns.
INSERT OR REPLACE INTO flow (domain, source, auth_set, outcome, sender, way, messages, first_day, last_day, first_report, last_report)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
