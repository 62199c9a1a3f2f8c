-- Which copy of a counted report is counted once that is forgotten? As of two that come: mail authenticated as the reporter's, then sound without repair (its notes begin with
-- what was said of the conflict; what is noted of its dates is none), then first; only one that has its records. ?1 report. Columns: id.
SELECT r.id
FROM report g CROSS JOIN report r ON substr(r.key, 1, 8) = substr(g.key, 1, 8) AND r.key = g.key LEFT JOIN mail m ON m.id = r.mail LEFT JOIN reporter p ON p.id = r.reporter
WHERE g.id = ?1 AND r.id <> ?1 AND r.counted = 0 AND NOT (r.records > 0 AND r.last_record < r.first_record)
ORDER BY coalesce(m.mail_auth = 'pass' AND is_from(m.mail_from, p.email), 0) DESC,
	(r.notes GLOB 'not counted: *' OR r.notes GLOB 'no longer counted: *' OR r.notes GLOB 'counted in place *' OR
	 r.notes GLOB 'covers [0-9]* days*' OR r.notes GLOB 'dated in the future*') DESC, r.id
LIMIT 1;
