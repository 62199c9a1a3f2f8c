-- What did one address send, in full? ?1 address. Columns: domain, sender, dkim, spf, disposition, first day, last day, messages.
SELECT d.name, s.sender, a.dkim, a.spf, coalesce(nullif(o.disposition, ''), 'no disposition') || ' (' || o.verdict || ')', date(f.first_day * 86400, 'unixepoch'),
       date((f.first_day + f.span) * 86400, 'unixepoch'), f.messages
FROM source x CROSS JOIN domain d CROSS JOIN flow f ON f.domain = d.id AND f.source = x.id
JOIN outcome o ON o.id = f.outcome JOIN sender s ON s.id = f.sender JOIN auth_words a ON a.id = f.auth_set
WHERE x.address = ?1
ORDER BY f.messages DESC, d.name, f.auth_set, f.outcome LIMIT 40;
