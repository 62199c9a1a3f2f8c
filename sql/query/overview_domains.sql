-- How do the domains stand in a period, most lost first? Summed in the order the days lie in: nothing is sorted.
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
WITH total AS (
	SELECT y.domain, sum(y.messages) AS n_messages,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine IS NOT 1 AND t.stranger IS NOT 1 AND t.basis IS NOT 'label' AND o.verdict = 'fail'
	           AND o.disposition IN ('reject', 'quarantine') THEN y.messages ELSE 0 END) AS n_stopped,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND o.bucket_other = 'passing' THEN y.messages ELSE 0 END) AS n_passing,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END) AS n_lost,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.bucket_mine = 'at_risk' THEN y.messages ELSE 0 END) AS n_at_risk,
	       sum(CASE WHEN y.way > coalesce(t.own_way, 0) THEN y.messages ELSE 0 END) AS n_forwarded,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND coalesce(t.mine, 0) = 0 AND o.bucket_other = 'undecided' THEN y.messages ELSE 0 END) AS n_undecided,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND (CASE WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END) = 'undetermined'
	           THEN y.messages ELSE 0 END) AS n_undetermined
	FROM domain d CROSS JOIN daily y ON y.domain = d.id AND y.day BETWEEN ?2 AND ?3
	CROSS JOIN outcome o ON o.id = y.outcome
	LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
	WHERE d."foreign" = 0 AND (?1 = 0 OR d.id = ?1)
	GROUP BY d.id
)
SELECT d.name, nullif(o.p, ''), nullif(o.sp, ''), nullif(o.np, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.testing, ''), r.day,
       d.id AS n_id, t.n_messages, t.n_passing, t.n_lost, t.n_at_risk, t.n_forwarded, t.n_undecided, t.n_undetermined, o.pct AS n_pct,
       (SELECT count(DISTINCT lower(p.org_name)) FROM report h JOIN reporter p ON p.id = h.reporter
        WHERE h.domain = d.id AND h.day BETWEEN ?2 AND ?3 AND h.counted = 1) AS n_reporters, t.n_stopped
FROM total t JOIN domain d ON d.id = t.domain
LEFT JOIN report r ON r.id = (SELECT x.id FROM report x WHERE x.domain = d.id AND x.counted = 1 ORDER BY x.day DESC, x.key LIMIT 1)
LEFT JOIN policy o ON o.id = r.policy
ORDER BY t.n_lost DESC, t.n_at_risk DESC, t.n_messages DESC, d.name LIMIT ?4;
