-- Which results do most of each sender's passing and failing mail carry? ?1 domain. Columns: sender, passing, dkim, spf.
WITH most AS (
	SELECT f.sender, o.verdict = 'pass' AS passing, f.auth_set, max(f.messages)
	FROM flow f JOIN outcome o ON o.id = f.outcome
	WHERE f.domain = ?1 AND f.way = 0 AND (o.verdict = 'pass' OR o.bucket_mine IN ('at_risk', 'lost'))
	GROUP BY f.sender, passing
)
SELECT m.sender, m.passing, a.dkim, a.spf FROM most m JOIN auth_set a ON a.id = m.auth_set ORDER BY m.sender, m.passing;
