-- What all senders of a domain sent directly, passing or failing. ?1 domain. Columns: sender, messages, nothing, source, auth_set, outcome.
SELECT f.sender, f.messages, 0, f.source, f.auth_set, f.outcome
FROM flow f JOIN standing t ON t.domain = f.domain AND t.sender = f.sender JOIN outcome o ON o.id = f.outcome
WHERE f.domain = ?1 AND f.way <= t.own_way AND (o.verdict = 'pass' OR o.bucket_mine IN ('at_risk', 'lost'));
