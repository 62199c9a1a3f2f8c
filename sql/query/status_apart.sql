-- Of which domains do reports tell that the configuration does not name? Columns: what, value.
SELECT d.name, printf('%,d', count(*)) || iif(count(*) = 1, ' report, ', ' reports, ') || printf('%,d', sum(r.messages)) || iif(sum(r.messages) = 1, ' message', ' messages') ||
       ', last report ' || coalesce(max(r.day), '(no date)')
FROM domain d JOIN report r ON r.domain = d.id WHERE d."foreign" = 1 AND r.counted = 1
GROUP BY d.id ORDER BY sum(r.messages) DESC, d.name LIMIT 50;
-- scans: report because it sums those of all domains kept apart
