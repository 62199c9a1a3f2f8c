-- Drops the days of a domain that are built anew: none before records were removed by retention. ?1 domain.
DELETE FROM daily
WHERE domain = ?1
  AND day >= (SELECT max(stale_from, coalesce((SELECT value FROM setting WHERE key = 'pruned_before'), '')) FROM domain WHERE id = ?1);
