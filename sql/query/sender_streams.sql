-- What did one sender send directly, and from where? ?1 domain, ?2 sender, ?3 ways up to here are direct. Columns: passing, auth_set, address,
-- ptr, first day and last day as numbers (NULL unreadable), messages; most messages first.
SELECT o.verdict = 'pass', f.auth_set, s.address, s.ptr, f.first_day, f.first_day + f.span, f.messages
FROM flow f JOIN outcome o ON o.id = f.outcome JOIN auth_set a ON a.id = f.auth_set JOIN source s ON s.id = f.source
WHERE f.domain = ?1 AND f.sender = ?2 AND f.way <= ?3 AND (o.verdict = 'pass' OR o.bucket_mine IN ('at_risk', 'lost'))
ORDER BY f.messages DESC, a.digest, s.address, o.verdict, o.disposition LIMIT 5000;
