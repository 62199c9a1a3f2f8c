-- What do the records of a report add to the totals? ?1 report, ?2 after this record id, ?3 at most. Columns: record, domain, source, auth_set, outcome, messages, day.
SELECT c.id, r.domain, c.source, c.auth_set, c.outcome, c.messages, r.day
FROM report r CROSS JOIN record c ON c.id BETWEEN max(r.first_record, ?2 + 1) AND r.last_record
WHERE r.id = ?1 ORDER BY c.id LIMIT ?3;
