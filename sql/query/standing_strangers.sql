-- How many addresses do strangers of a crowd have by the last analysis, but for these senders? ?1 given (sender), ?2 domain.
SELECT coalesce(sum(addresses), 0) FROM standing
WHERE domain = ?2 AND class = 'not_you' AND basis = '' AND sender NOT IN (SELECT c0 FROM given(?1));
