-- How did the policy of a domain change from the days ?2 to ?3 to the days ?4 to ?5, as each receiver saw it? The change that most receivers tell of, of those that
-- reported in both; of each the policy it told most often. ?1 domain. Columns: p, sp, adkim, aspf before, the same since; what is absent as what holds then.
WITH seen AS (
	SELECT lower(reporter_name(g.org_name, g.email)) AS who, r.day >= ?4 AS since, coalesce(nullif(o.p, ''), 'none') AS p, coalesce(nullif(o.sp, ''), nullif(o.p, ''), 'none') AS sp,
	       CASE o.adkim WHEN 's' THEN 's' ELSE 'r' END AS adkim, CASE o.aspf WHEN 's' THEN 's' ELSE 'r' END AS aspf, count(*) AS reports
	FROM report r CROSS JOIN policy o ON o.id = r.policy CROSS JOIN reporter g ON g.id = r.reporter
	WHERE r.domain = ?1 AND r.counted = 1 AND r.day BETWEEN ?2 AND ?5 AND (r.day <= ?3 OR r.day >= ?4)
	GROUP BY 1, 2, 3, 4, 5, 6
), most AS (
	SELECT *, row_number() OVER (PARTITION BY who, since ORDER BY reports DESC, p, sp, adkim, aspf) AS place FROM seen
)
SELECT b.p, b.sp, b.adkim, b.aspf, s.p, s.sp, s.adkim, s.aspf
FROM most b JOIN most s ON s.who = b.who AND s.since = 1 AND s.place = 1
WHERE b.since = 0 AND b.place = 1
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY count(*) DESC, 1, 2, 3, 4, 5, 6, 7, 8 LIMIT 1;
