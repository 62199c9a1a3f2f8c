-- Who sent mail under a domain in a period? ?1 domain, ?2 from day, ?3 to day, ?4 at most.
-- Columns: sender, name, dkim, spf (results of its largest stream), first day, last day, messages, passed, failed,
-- undetermined, rejected, quarantined, forwarded, by dkim, by spf.
WITH total AS (
	SELECT y.sender, min(y.day) AS first_day, max(y.day) AS last_day, sum(y.messages) AS messages,
	       sum(CASE WHEN o.verdict = 'pass' THEN y.messages ELSE 0 END) AS passed,
	       sum(CASE WHEN o.verdict = 'fail' THEN y.messages ELSE 0 END) AS failed,
	       sum(CASE WHEN o.verdict IN ('undetermined', 'unknown') THEN y.messages ELSE 0 END) AS undetermined,
	       sum(CASE WHEN o.disposition = 'reject' THEN y.messages ELSE 0 END) AS rejected,
	       sum(CASE WHEN o.disposition = 'quarantine' THEN y.messages ELSE 0 END) AS quarantined,
	       sum(CASE WHEN y.way > 0 THEN y.messages ELSE 0 END) AS forwarded,
	       sum(CASE WHEN o.flags & 1 THEN y.messages ELSE 0 END) AS by_dkim,
	       sum(CASE WHEN o.flags & 2 THEN y.messages ELSE 0 END) AS by_spf
	FROM domain d CROSS JOIN daily y ON y.domain = d.id JOIN outcome o ON o.id = y.outcome
	WHERE d.name = ?1 AND y.day BETWEEN ?2 AND ?3
	GROUP BY y.sender ORDER BY 4 DESC LIMIT ?4
), stream AS (
	SELECT f.sender, a.dkim, a.spf, max(f.messages)
	FROM domain d CROSS JOIN flow f ON f.domain = d.id JOIN total t ON t.sender = f.sender JOIN auth_set a ON a.id = f.auth_set
	WHERE d.name = ?1 GROUP BY f.sender
)
SELECT s.sender, s.name, m.dkim, m.spf, t.first_day, t.last_day, t.messages, t.passed, t.failed, t.undetermined,
       t.rejected, t.quarantined, t.forwarded, t.by_dkim, t.by_spf
FROM total t JOIN sender s ON s.id = t.sender LEFT JOIN stream m ON m.sender = t.sender
ORDER BY t.messages DESC, s.sender;
