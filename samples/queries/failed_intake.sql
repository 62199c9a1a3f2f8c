-- What could not be read, and why?
SELECT origin, state, reason, datetime(last_seen_at, 'unixepoch') AS last_seen
FROM v_intake WHERE state IN ('damaged', 'retry', 'conflict') ORDER BY last_seen_at DESC;
