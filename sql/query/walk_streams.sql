-- What all senders of a domain sent, passing or failing. ?1 domain. Columns: sender, messages, way, source, auth_set, outcome.
SELECT f.sender, f.messages, f.way, f.source, f.auth_set, f.outcome
FROM flow f JOIN outcome o ON o.id = f.outcome
WHERE f.domain = ?1 AND f.way <= 2 AND (o.verdict = 'pass' OR o.bucket_mine IN ('at_risk', 'lost'));
