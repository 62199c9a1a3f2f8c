-- Days that are made anew: none before records were removed by retention.
DELETE FROM daily WHERE day >= coalesce((SELECT value FROM setting WHERE key = 'pruned_before'), '');
-- scans: daily because all of it is made anew
