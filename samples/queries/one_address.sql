-- What does one address send, as whom, with which results, and when? (Over tables, which may change between versions.)
SELECT d.name AS domain, e.sender, a.dkim, a.spf, o.disposition, f.messages,
       date(f.first_day * 86400, 'unixepoch') AS first_day, date((f.first_day + f.span) * 86400, 'unixepoch') AS last_day
FROM source s CROSS JOIN domain d CROSS JOIN flow f ON f.domain = d.id AND f.source = s.id
JOIN sender e ON e.id = f.sender JOIN auth_words a ON a.id = f.auth_set JOIN outcome o ON o.id = f.outcome
WHERE s.address = '203.0.113.25' ORDER BY f.messages DESC;
