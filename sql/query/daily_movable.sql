-- May mail of a domain be moved from one sender to another within a day of the roll-up? ?1 domain, ?2 day. Columns: 1 or 0.
-- Not where reports without a day are among its sums, and not where retention has removed the records.
SELECT NOT EXISTS (SELECT 1 FROM report WHERE domain = ?1 AND day IS NULL)
   AND ?2 >= coalesce((SELECT value FROM setting WHERE key = 'pruned_before'), '');
