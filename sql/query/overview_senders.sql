-- Who sent mail under a domain in a period, worst first? Strangers' addresses of class not_you are one row, id 0.
-- ?1 domain, ?2 from, ?3 to, ?4 at most, ?5 to ?6 senders (?5 0: all). Columns: sql/overview.h; numbers are named n_. Day by day, for one sender's rows lie apart.
WITH RECURSIVE days (day) AS (
	SELECT min(day) FROM daily WHERE domain = ?1 AND day >= ?2
	UNION ALL
	SELECT (SELECT min(n.day) FROM daily n WHERE n.domain = ?1 AND n.day > d.day) FROM days d WHERE d.day < ?3
), y AS (
	SELECT z.domain, z.sender, z.way, z.outcome, sum(z.messages) AS messages
	FROM days d CROSS JOIN daily z ON z.domain = ?1 AND z.day = d.day AND z.sender BETWEEN ?5 AND ?6
	WHERE d.day <= ?3 GROUP BY z.sender, z.way, z.outcome
), part AS (
	SELECT CASE WHEN t.stranger THEN 0 ELSE y.sender END AS who,
	       CASE WHEN y.way > coalesce(t.own_way, 0) THEN 'forwarded' WHEN t.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END AS bucket, sum(y.messages) AS messages,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND o.flags & 1 AND o.verdict = 'pass' THEN y.messages ELSE 0 END) AS by_dkim,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND o.flags & 2 AND o.verdict = 'pass' THEN y.messages ELSE 0 END) AS by_spf,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.under_reject IN ('rejected', 'likely_spared') THEN y.messages ELSE 0 END) AS would_lose,
	       sum(CASE WHEN y.way <= coalesce(t.own_way, 0) AND t.mine = 1 AND o.under_reject = 'likely_spared' THEN y.messages ELSE 0 END) AS would_spare,
	       sum(CASE WHEN o.disposition IN ('reject', 'quarantine') THEN y.messages ELSE 0 END) AS stopped,
	       sum(CASE WHEN o.flags & 1024 THEN y.messages ELSE 0 END) AS permerror
	FROM y CROSS JOIN outcome o ON o.id = y.outcome
	LEFT JOIN standing t ON t.domain = y.domain AND t.sender = y.sender
	GROUP BY 1, 2
), total AS (
	SELECT who, sum(messages) AS n_messages,
       sum(CASE WHEN bucket = 'passing' THEN messages ELSE 0 END) AS n_passing,
       sum(CASE WHEN bucket = 'lost' THEN messages ELSE 0 END) AS n_lost,
       sum(CASE WHEN bucket = 'at_risk' THEN messages ELSE 0 END) AS n_at_risk,
       sum(CASE WHEN bucket = 'forwarded' THEN messages ELSE 0 END) AS n_forwarded,
       sum(CASE WHEN bucket = 'undecided' THEN messages ELSE 0 END) AS n_undecided,
       sum(CASE WHEN bucket = 'undetermined' THEN messages ELSE 0 END) AS n_undetermined,
	       sum(by_dkim) AS n_dkim, sum(by_spf) AS n_spf, sum(would_lose) AS n_would, sum(would_spare) AS n_spare, sum(stopped) AS n_stopped, sum(permerror) AS n_perm
	FROM part GROUP BY who
), ranked AS (
	SELECT u.*, coalesce(t.class, CASE WHEN u.who = 0 THEN 'not_you' WHEN u.n_passing > 0 AND u.n_undecided = 0 THEN 'passing'
	       WHEN u.n_forwarded = u.n_messages THEN 'forwarded' ELSE 'undecided' END) AS class, t.confidence, t.evidence, count(*) OVER () AS n_all
	FROM total u LEFT JOIN standing t ON t.domain = ?1 AND t.sender = u.who
	ORDER BY CASE WHEN u.n_lost > 0 THEN 0 WHEN u.n_at_risk > 0 THEN 1 WHEN u.n_undecided >= 20 AND u.n_stopped > 0
	         AND coalesce(t.class, 'undecided') = 'undecided' AND u.who > 0 THEN 2 ELSE 3 END, u.n_lost DESC, u.n_at_risk DESC,
	         u.n_messages DESC, u.who LIMIT ?4
), crowd AS (
	SELECT date(min(t.first_no) * 86400, 'unixepoch') AS first_day, date(max(t.last_no) * 86400, 'unixepoch') AS last_day, sum(t.addresses) AS addresses
	FROM standing t
	WHERE ?5 = 0 AND t.domain = ?1 AND t.stranger AND t.first_no <= unixepoch(?3) / 86400 AND t.last_no >= unixepoch(?2) / 86400
)
SELECT coalesce(s.sender, ''), coalesce(s.name, ''), k.class, k.confidence, k.evidence,
       CASE WHEN k.who = 0 THEN c.first_day ELSE t.first_day END, CASE WHEN k.who = 0 THEN c.last_day ELSE t.last_day END, a.dkim, a.spf,
       k.who AS n_who, k.n_messages, k.n_passing, k.n_lost, k.n_at_risk, k.n_forwarded, k.n_undecided, k.n_undetermined, k.n_dkim, k.n_spf,
       k.n_would, coalesce(CASE WHEN k.who = 0 THEN c.addresses ELSE t.addresses END, 0) AS n_addresses, k.n_stopped, k.n_perm, k.n_all, k.n_spare
FROM ranked k JOIN crowd c LEFT JOIN sender s ON s.id = k.who LEFT JOIN standing t ON t.domain = ?1 AND t.sender = k.who
LEFT JOIN auth_words a ON a.id = t.auth_set
ORDER BY CASE WHEN k.n_lost > 0 THEN 0 WHEN k.n_at_risk > 0 THEN 1 WHEN k.n_undecided >= 20 AND k.n_stopped > 0
         AND k.class = 'undecided' AND k.who > 0 THEN 2 ELSE 3 END, k.n_lost DESC, k.n_at_risk DESC, k.n_messages DESC, s.sender;
