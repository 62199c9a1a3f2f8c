-- Which reports of the last 60 days seem to have come twice under different ids? ?2 the last day that can be. Same receiver, domain, period and records. Columns: what, value; names shortened.
SELECT shown(reporter_name(p.org_name, p.email)) || ' on ' || shown(d.name) || ', ' || b.day,
       'report ' || b.id || ' (' || coalesce(shown(nullif(b.report_id, '')), 'no id') || ') has the records of report ' || a.id || ' (' || coalesce(shown(nullif(a.report_id, '')), 'no id') || ')'
FROM (
	SELECT min(id) AS first, domain, reporter, begin_at, end_at, records, messages FROM report
	WHERE counted = 1 AND records > 0 AND day BETWEEN date(?2, '-60 days') AND ?2
	GROUP BY domain, reporter, begin_at, end_at, records, messages HAVING count(*) > 1
) s JOIN report a ON a.id = s.first
JOIN report b ON b.domain = a.domain AND b.day = a.day AND b.counted = 1 AND b.id > a.id AND b.reporter = a.reporter AND b.begin_at IS a.begin_at AND b.end_at IS a.end_at
             AND b.records = a.records AND b.messages = a.messages
JOIN reporter p ON p.id = a.reporter JOIN domain d ON d.id = a.domain
WHERE (SELECT sum(31 * source + auth_set) FROM record WHERE id BETWEEN a.first_record AND a.last_record)
    = (SELECT sum(31 * source + auth_set) FROM record WHERE id BETWEEN b.first_record AND b.last_record)	-- cheap; of removed records NULL, which equals nothing
  AND NOT EXISTS (SELECT source, messages, ident, auth_set, outcome FROM record WHERE id BETWEEN a.first_record AND a.last_record
                  EXCEPT SELECT source, messages, ident, auth_set, outcome FROM record WHERE id BETWEEN b.first_record AND b.last_record)
ORDER BY b.day DESC, b.id DESC LIMIT 20;
-- scans: report because it groups those of all domains
