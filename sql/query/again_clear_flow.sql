-- Totals that are made anew: all that have records still.
DELETE FROM flow WHERE last_report >= coalesce((SELECT min(r.id) FROM report r WHERE r.domain = flow.domain AND r.last_record >= r.first_record), 0);
-- scans: flow because all of it is made anew
