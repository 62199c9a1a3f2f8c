-- Who sent mail under a domain in a period, worst first? Strangers' addresses of class not_you are one row, id 0. ?1 domain, ?4 at most, given(?7): by sender, as
-- sql/period.h has the columns. Columns: sql/overview.h; numbers are named n_.
WITH total AS (
	SELECT c2 AS who, c3 AS n_messages, c4 AS n_passing, c5 AS n_lost, c6 AS n_at_risk, c7 AS n_forwarded, c8 AS n_undecided, c9 AS n_undetermined, c10 AS n_dkim,
	       c11 AS n_spf, c12 AS n_would, c13 AS n_spare, c14 AS n_stopped, c15 AS n_perm, c17 AS addresses, c18 AS first_no, c19 AS last_no,
	       c7 - (c20 - c4) AS n_broken -- what passed in all, but for what passed and was not forwarded, was forwarded
	FROM given(?7)
), ranked AS (
	SELECT u.*, coalesce(t.class, CASE WHEN u.who = 0 THEN 'not_you' WHEN u.n_passing > 0 AND u.n_undecided = 0 THEN 'passing'
	       WHEN u.n_forwarded = u.n_messages THEN 'forwarded' ELSE 'undecided' END) AS class, t.confidence, t.evidence, count(*) OVER () AS n_all
	FROM total u LEFT JOIN standing t ON t.domain = ?1 AND t.sender = u.who
	ORDER BY CASE WHEN u.n_lost > 0 THEN 0 WHEN u.n_at_risk > 0 THEN 1 WHEN u.n_undecided >= 20 AND u.n_stopped > 0
	         AND coalesce(t.class, 'undecided') = 'undecided' AND u.who > 0 THEN 2 ELSE 3 END, u.n_lost DESC, u.n_at_risk DESC,
	         u.n_messages DESC, u.who LIMIT ?4
)
SELECT coalesce(s.sender, ''), coalesce(s.name, ''), k.class, k.confidence, k.evidence,
       coalesce(t.first_day, date(k.first_no * 86400, 'unixepoch')), coalesce(t.last_day, date(k.last_no * 86400, 'unixepoch')), a.dkim, a.spf,
       k.who AS n_who, k.n_messages, k.n_passing, k.n_lost, k.n_at_risk, k.n_forwarded, k.n_undecided, k.n_undetermined, k.n_dkim, k.n_spf,
       k.n_would, coalesce(t.addresses, k.addresses, 0) AS n_addresses, k.n_stopped, k.n_perm, k.n_all, k.n_spare, k.n_broken
FROM ranked k LEFT JOIN sender s ON s.id = k.who LEFT JOIN standing t ON t.domain = ?1 AND t.sender = k.who
LEFT JOIN auth_words a ON a.id = t.auth_set
ORDER BY CASE WHEN k.n_lost > 0 THEN 0 WHEN k.n_at_risk > 0 THEN 1 WHEN k.n_undecided >= 20 AND k.n_stopped > 0
         AND k.class = 'undecided' AND k.who > 0 THEN 2 ELSE 3 END, k.n_lost DESC, k.n_at_risk DESC, k.n_messages DESC, s.sender;
