-- What do the domains sum to in a period? ?1 from day, ?2 to day, ?3 domain (subdomains included) or NULL.
-- Columns: domain, p, sp, newest day, messages, passed, failed, undetermined, rejected, quarantined, forwarded, reports, reporters.
WITH total AS (
	SELECT y.domain, sum(y.messages) AS messages,
	       sum(CASE WHEN o.verdict = 'pass' THEN y.messages ELSE 0 END) AS passed,
	       sum(CASE WHEN o.verdict = 'fail' THEN y.messages ELSE 0 END) AS failed,
	       sum(CASE WHEN o.verdict IN ('undetermined', 'unknown') THEN y.messages ELSE 0 END) AS undetermined,
	       sum(CASE WHEN o.disposition = 'reject' THEN y.messages ELSE 0 END) AS rejected,
	       sum(CASE WHEN o.disposition = 'quarantine' THEN y.messages ELSE 0 END) AS quarantined,
	       sum(CASE WHEN y.way > 0 THEN y.messages ELSE 0 END) AS forwarded
	FROM domain d CROSS JOIN daily y ON y.domain = d.id JOIN outcome o ON o.id = y.outcome
	WHERE d."foreign" = 0 AND y.day BETWEEN ?1 AND ?2
	  AND (?3 IS NULL OR d.name = ?3 OR substr(d.name, -length(?3) - 1) = '.' || ?3)
	GROUP BY y.domain
), heard AS (
	SELECT r.domain, count(*) AS reports, count(DISTINCT lower(p.org_name)) AS reporters
	FROM total t CROSS JOIN report r ON r.domain = t.domain AND r.day BETWEEN ?1 AND ?2 JOIN reporter p ON p.id = r.reporter
	WHERE r.counted = 1 GROUP BY r.domain
), newest AS (
	SELECT t.domain, (SELECT r.id FROM report r WHERE r.domain = t.domain AND r.counted = 1 ORDER BY r.day DESC, r.id DESC LIMIT 1) AS report
	FROM total t
)
SELECT d.name, nullif(o.p, ''), nullif(o.sp, ''), r.day,
       t.messages, t.passed, t.failed, t.undetermined, t.rejected, t.quarantined, t.forwarded,
       coalesce(h.reports, 0), coalesce(h.reporters, 0)
FROM total t JOIN domain d ON d.id = t.domain LEFT JOIN heard h ON h.domain = t.domain
JOIN newest n ON n.domain = t.domain LEFT JOIN report r ON r.id = n.report LEFT JOIN policy o ON o.id = r.policy
ORDER BY t.rejected + t.quarantined DESC, t.failed DESC, t.messages DESC, d.name;
