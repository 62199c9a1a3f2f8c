-- How do the domains stand in a period, most lost first?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH y AS (
	SELECT z.domain, z.sender, z.way, z.outcome, sum(z.messages) AS messages
	FROM domain d CROSS JOIN daily z ON z.domain = d.id AND z.day BETWEEN ?2 AND ?3
	WHERE d."foreign" = 0 AND (?1 = 0 OR d.id = ?1)
	GROUP BY z.domain, z.sender, z.way, z.outcome
), part AS (
	SELECT y.domain, CASE WHEN y.way > coalesce(t.own_way, 0) THEN 'forwarded' WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END AS bucket, sum(y.messages) AS messages,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND coalesce(t.mine, 0) = 0 AND coalesce(t.class, '') <> 'not_you' AND coalesce(t.basis, '') <> 'label' AND o.verdict = 'fail'
	           AND o.disposition IN ('reject', 'quarantine') THEN y.messages ELSE 0 END) AS stopped
	FROM y CROSS JOIN outcome o ON o.id = y.outcome
	LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
	GROUP BY 1, 2
), total AS (
	SELECT domain, sum(messages) AS n_messages, sum(stopped) AS n_stopped,
       sum(CASE WHEN bucket = 'passing' THEN messages ELSE 0 END) AS n_passing,
       sum(CASE WHEN bucket = 'lost' THEN messages ELSE 0 END) AS n_lost,
       sum(CASE WHEN bucket = 'at_risk' THEN messages ELSE 0 END) AS n_at_risk,
       sum(CASE WHEN bucket = 'forwarded' THEN messages ELSE 0 END) AS n_forwarded,
       sum(CASE WHEN bucket = 'undecided' THEN messages ELSE 0 END) AS n_undecided,
       sum(CASE WHEN bucket = 'undetermined' THEN messages ELSE 0 END) AS n_undetermined
	FROM part GROUP BY domain
)
SELECT d.name, nullif(o.p, ''), nullif(o.sp, ''), nullif(o.np, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.testing, ''), r.day,
       d.id AS n_id, t.n_messages, t.n_passing, t.n_lost, t.n_at_risk, t.n_forwarded, t.n_undecided, t.n_undetermined, o.pct AS n_pct,
       (SELECT count(DISTINCT lower(p.org_name)) FROM report h JOIN reporter p ON p.id = h.reporter
        WHERE h.domain = d.id AND h.day BETWEEN ?2 AND ?3 AND h.counted = 1) AS n_reporters, t.n_stopped
FROM total t JOIN domain d ON d.id = t.domain
LEFT JOIN report r ON r.id = (SELECT x.id FROM report x WHERE x.domain = d.id AND x.counted = 1 ORDER BY x.day DESC, x.key LIMIT 1)
LEFT JOIN policy o ON o.id = r.policy
ORDER BY t.n_lost DESC, t.n_at_risk DESC, t.n_messages DESC, d.name LIMIT ?4;
