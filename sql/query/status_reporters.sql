-- When did each reporter last report? Columns: what, value.
SELECT coalesce(nullif(p.org_name, ''), nullif(p.email, ''), '(no name)'),
       count(*) || iif(count(*) = 1, ' report, ', ' reports, ') || sum(r.messages) || iif(sum(r.messages) = 1, ' message', ' messages') || ', last ' || coalesce(strftime('%Y-%m-%d', max(r.end_at), 'unixepoch'), '(no date)')
FROM report r JOIN reporter p ON p.id = r.reporter WHERE r.counted = 1
GROUP BY lower(p.org_name) ORDER BY sum(r.messages) DESC, 1 LIMIT 50;
-- scans: report because it sums all of it
