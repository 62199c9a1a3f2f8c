-- Of which day are the first records that are not removed for their age? Columns: day; none where none were.
SELECT value FROM setting WHERE key = 'pruned_before';
