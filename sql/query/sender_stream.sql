-- Which results does most of a sender's failing (or passing) mail carry? ?1 domain, ?2 sender, ?3 passing. Columns: dkim, spf.
SELECT a.dkim, a.spf FROM flow f JOIN outcome o ON o.id = f.outcome JOIN auth_set a ON a.id = f.auth_set
WHERE f.domain = ?1 AND f.sender = ?2 AND f.way = 0 AND (o.verdict = 'pass') = ?3 AND (?3 OR o.bucket_mine IN ('at_risk', 'lost'))
ORDER BY f.messages DESC, f.auth_set LIMIT 1;
