-- Until when did each reporter last report? An end at midnight is of the day before. ?2 the last day that can be; where all are later, whichever is the newest. Columns: what, shortened; value.
SELECT shown(reporter_name(p.org_name, p.email)),
       printf('%,d', count(*)) || iif(count(*) = 1, ' report, ', ' reports, ') || printf('%,d', sum(r.messages)) || iif(sum(r.messages) = 1, ' message', ' messages') || ', last ' ||
       coalesce(strftime('%Y-%m-%d', coalesce(max(r.end_at) FILTER (WHERE r.end_at <= unixepoch(?2) + 86400), max(r.end_at)) - 1, 'unixepoch'), '(no date)')
FROM report r JOIN reporter p ON p.id = r.reporter WHERE r.counted = 1
GROUP BY lower(reporter_name(p.org_name, p.email)) ORDER BY sum(r.messages) DESC, 1 LIMIT 50;
-- scans: report because it sums all of it
