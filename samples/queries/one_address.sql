-- What does one address send, as whom, with which results, and in which reports lies it? (Over tables, which may change between versions.)
SELECT d.name AS domain, e.sender, a.dkim, a.spf, o.disposition, f.messages, f.first_day, f.last_day, f.first_report, f.last_report
FROM source s CROSS JOIN domain d CROSS JOIN flow f ON f.domain = d.id AND f.source = s.id
JOIN sender e ON e.id = f.sender JOIN auth_set a ON a.id = f.auth_set JOIN outcome o ON o.id = f.outcome
WHERE s.address = '203.0.113.25' ORDER BY f.messages DESC;
