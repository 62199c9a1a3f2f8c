-- Whose signatures are on the mail of a domain that failed in its last 30 reported days? (Authenticated, but as somebody else. Over tables, which
-- may change between versions: v_records and v_auth say it, too, but read every record.)
-- The newest reported day is none after tomorrow where there is another: a report dated in the future hides nothing.
WITH one(id, org, newest) AS MATERIALIZED (
     SELECT d.id, d.org, coalesce((SELECT max(day) FROM daily WHERE domain = d.id AND day <= date('now', '+1 day')), (SELECT max(day) FROM daily WHERE domain = d.id))
     FROM domain d WHERE d.name = 'example.org' AND d."foreign" = 0)
SELECT n.text AS signed_by, count(*) AS records, sum(c.messages) AS messages
FROM one
CROSS JOIN report r ON r.domain = one.id AND r.counted = 1 AND r.day > date(one.newest, '-30 days') AND r.day <= one.newest
CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
CROSS JOIN outcome o ON o.id = c.outcome AND o.verdict = 'fail'
CROSS JOIN auth_result x ON x.auth_set = c.auth_set AND x.kind = 'dkim' AND x.result = 'pass'
CROSS JOIN name n ON n.id = x.domain AND n.org <> one.org
WHERE NOT EXISTS (	-- several signatures of one domain are one
      SELECT 1 FROM auth_result e WHERE e.auth_set = x.auth_set AND e.n < x.n AND e.domain = x.domain AND e.kind = 'dkim' AND e.result = 'pass')
GROUP BY n.text ORDER BY messages DESC, n.text LIMIT 20;
