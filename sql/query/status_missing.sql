-- Which receivers left out days lately? ?2 the last day that can be. Of the 31 days up to it: three days in a row or more under a domain (more than three usual gaps, as STALE has it), of
-- receivers that reported on 7 in 10 of the other days, ten at least. Columns: what, value; names shortened.
WITH span AS (
	SELECT r.domain, lower(reporter_name(p.org_name, p.email)) AS who, max(reporter_name(p.org_name, p.email)) AS name, r.begin_at / 86400 AS first,
	       max(min((r.end_at - 1) / 86400, unixepoch(?2) / 86400), r.begin_at / 86400) AS last, sum(r.messages) AS messages
	FROM report r JOIN reporter p ON p.id = r.reporter JOIN domain d ON d.id = r.domain
	WHERE r.counted = 1 AND d."foreign" = 0 AND r.day BETWEEN date(?2, '-30 days') AND ?2
	GROUP BY r.domain, who, first, last
), step AS (
	SELECT *, max(last) OVER before AS until, max(first - 1 - max(last) OVER before, 0) AS missing
	FROM span WINDOW before AS (PARTITION BY domain, who ORDER BY first ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), regular AS (
	SELECT domain, who, sum(messages) AS messages, max(last) - min(first) + 1 AS days, coalesce(sum(missing), 0) AS missing, coalesce(sum(missing) FILTER (WHERE missing >= 3), 0) AS told
	FROM step GROUP BY domain, who
)
SELECT shown(s.name) || ' on ' || shown(d.name), 'no report from ' || date((s.until + 1) * 86400, 'unixepoch') || ' to ' || date((s.first - 1) * 86400, 'unixepoch')
FROM step s JOIN regular g ON g.domain = s.domain AND g.who = s.who JOIN domain d ON d.id = s.domain
WHERE s.missing >= 3 AND g.days - g.told >= 10 AND (g.days - g.missing) * 10 >= (g.days - g.told) * 7
ORDER BY g.messages DESC, d.name, s.who, s.first LIMIT 50;
-- scans: report because it looks at those of all domains
