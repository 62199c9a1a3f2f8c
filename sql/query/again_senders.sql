-- Senders nothing is attributed to any more. Days whose records retention has removed keep theirs.
DELETE FROM sender WHERE id NOT IN (SELECT sender FROM flow UNION SELECT sender FROM daily);
-- scans: flow because all of it has just been made anew
-- scans: daily because all of it has just been made anew
