-- How much did each address send on days ?1..?2, for each domain and sender? ?3 1: only of given(?4) (domain). Columns of v_sources, but summed over
-- these days; first_day, last_day, ptr and class are those of the whole database.
WITH sums AS MATERIALIZED (
	SELECT r.domain, c.source, f.sender,
	       sum(c.messages) AS messages,
	       sum(CASE WHEN f.way <= coalesce(t.own_way, 0) AND o.bucket_other = 'passing' THEN c.messages ELSE 0 END) AS passing,
	       sum(CASE WHEN f.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'lost' THEN c.messages ELSE 0 END) AS lost,
	       sum(CASE WHEN f.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'at_risk' THEN c.messages ELSE 0 END) AS at_risk,
	       sum(CASE WHEN f.way > coalesce(t.own_way, 0) THEN c.messages ELSE 0 END) AS forwarded,
	       sum(CASE WHEN f.way <= coalesce(t.own_way, 0) AND coalesce(t.mine, 0) = 0 AND o.bucket_other = 'undecided' THEN c.messages ELSE 0 END) AS undecided,
	       sum(CASE WHEN f.way <= coalesce(t.own_way, 0) AND (CASE WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END) = 'undetermined'
	           THEN c.messages ELSE 0 END) AS undetermined
	FROM domain d
	CROSS JOIN report r ON r.domain = d.id AND r.counted = 1 AND r.day BETWEEN ?1 AND ?2
	CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
	CROSS JOIN outcome o ON o.id = c.outcome
	CROSS JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
	LEFT JOIN standing t ON t.domain = r.domain AND t.sender = f.sender
	WHERE d."foreign" = 0 AND (?3 = 0 OR d.id IN (SELECT c0 FROM given(?4)))
	GROUP BY r.domain, f.sender, c.source
)
SELECT nullif(d.name, '') AS domain, e.sender, nullif(s.address, '') AS source_ip,
       u.messages, u.passing, u.lost, u.at_risk, u.forwarded, u.undecided, u.undetermined,
       (SELECT date(min(f.first_day) * 86400, 'unixepoch') FROM flow f WHERE f.domain = u.domain AND f.source = u.source AND f.sender = u.sender) AS first_day,
       (SELECT date(max(f.first_day + f.span) * 86400, 'unixepoch') FROM flow f WHERE f.domain = u.domain AND f.source = u.source AND f.sender = u.sender) AS last_day,
       s.ptr, coalesce(t.class, 'undecided') AS class
FROM sums u
JOIN domain d ON d.id = u.domain
JOIN source s ON s.id = u.source
JOIN sender e ON e.id = u.sender
LEFT JOIN standing t ON t.domain = u.domain AND t.sender = u.sender
ORDER BY domain, u.messages DESC, e.sender, s.address;
-- scans: flow because the table is written whole
-- scans: report because the table is written whole
-- scans: daily because the table is written whole
