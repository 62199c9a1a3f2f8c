-- Totals that can be summed anew: not those of days whose records retention has removed.
DELETE FROM flow WHERE first_day IS NULL OR first_day + span >= coalesce((SELECT unixepoch(value) / 86400 FROM setting WHERE key = 'pruned_before'), -1000000);
-- scans: flow because all of it is made anew
