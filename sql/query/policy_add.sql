-- A new published policy. Parameters as in policy_find.
INSERT INTO policy (adkim, aspf, p, sp, np, testing, fo, discovery_method, pct)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, CAST(?9 AS INTEGER));
