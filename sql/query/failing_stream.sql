-- Which results does most of a sender's failing mail carry? ?1 domain, ?2 sender. Columns: dkim, spf.
SELECT a.dkim, a.spf FROM flow f JOIN outcome o ON o.id = f.outcome JOIN auth_set a ON a.id = f.auth_set
WHERE f.domain = ?1 AND f.sender = ?2 AND f.way = 0 AND o.bucket_mine IN ('at_risk', 'lost')
ORDER BY f.messages DESC, f.auth_set LIMIT 1;
