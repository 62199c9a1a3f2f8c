-- Which policies did receivers see, day by day, the one most of them saw first? ?1 domain. Columns: day, p, sp, adkim, aspf.
SELECT r.day, o.p, o.sp, o.adkim, o.aspf
FROM report r JOIN policy o ON o.id = r.policy
WHERE r.domain = ?1 AND r.counted = 1 AND r.day IS NOT NULL
GROUP BY r.day, o.p, o.sp, o.adkim, o.aspf ORDER BY r.day, count(*) DESC, o.p, o.sp, o.adkim, o.aspf;
