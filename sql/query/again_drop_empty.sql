-- Totals of which again_keep_pruned has left nothing. ?1 first day that has its records (a number).
DELETE FROM flow WHERE first_day < ?1 AND messages <= 0;
-- scans: flow because all of it is made anew
