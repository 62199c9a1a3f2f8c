-- What do we hold of one address under one domain? ?1 domain, ?2 source. Columns: auth_set, outcome, sender, way, messages, first_day, last_day, first_report, last_report.
SELECT auth_set, outcome, sender, way, messages, first_day, last_day, first_report, last_report
FROM flow WHERE domain = ?1 AND source = ?2 ORDER BY auth_set, outcome;
