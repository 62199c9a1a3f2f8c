-- How do the domains stand in a period, most lost first? ?1 domain (0: all), ?2 from, ?3 to, ?4 at most, ?5 the last day that can have been reported, given(?7): by domain, as sql/period.h has the columns.
-- Columns: sql/overview.h; numbers are named n_.
WITH total AS (
	SELECT c0 AS domain, c3 AS n_messages, c4 AS n_passing, c5 AS n_lost, c6 AS n_at_risk, c7 AS n_forwarded, c8 AS n_undecided, c9 AS n_undetermined,
	       c16 AS n_stopped
	FROM given(?7)
)
SELECT d.name, nullif(o.p, ''), nullif(o.sp, ''), nullif(o.np, ''), nullif(o.adkim, ''), nullif(o.aspf, ''), nullif(o.testing, ''),
       coalesce((SELECT h.day FROM report h WHERE h.domain = d.id AND h.counted = 1 AND h.day <= ?5 ORDER BY h.day DESC LIMIT 1),
                (SELECT h.day FROM report h WHERE h.domain = d.id AND h.counted = 1 ORDER BY h.day DESC LIMIT 1)) AS newest,
       d.id AS n_id, t.n_messages, t.n_passing, t.n_lost, t.n_at_risk, t.n_forwarded, t.n_undecided, t.n_undetermined, o.pct AS n_pct,
       (SELECT count(DISTINCT lower(reporter_name(p.org_name, p.email))) FROM report h JOIN reporter p ON p.id = h.reporter
        WHERE h.domain = d.id AND h.day BETWEEN ?2 AND ?3 AND h.counted = 1) AS n_reporters, t.n_stopped
FROM total t JOIN domain d ON d.id = t.domain AND d."foreign" = 0
LEFT JOIN policy o ON o.id = policy_now(d.id, ?5)
ORDER BY t.n_lost DESC, t.n_at_risk DESC, t.n_messages DESC, d.name LIMIT ?4;
