-- How many documents are in which state? Columns: what, value.
SELECT state, printf('%,d', count(*)) || iif(count(*) = 1, ' document', ' documents') || ', last ' || strftime('%Y-%m-%d %H:%M', max(last_seen_at), 'unixepoch') FROM intake GROUP BY state
ORDER BY CASE state WHEN 'stored' THEN 1 WHEN 'duplicate' THEN 2 WHEN 'conflict' THEN 3 WHEN 'not_a_report' THEN 4 WHEN 'damaged' THEN 5 ELSE 6 END;
-- scans: intake because it counts all of it
