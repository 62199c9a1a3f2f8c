-- What is made anew is not stale.
UPDATE domain SET stale_from = NULL WHERE stale_from IS NOT NULL;
