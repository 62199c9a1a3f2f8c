-- What did one address send, in full? What reads the same is one row. ?1 address. Columns: domain, sender, dkim, spf, disposition, first day, last day, messages.
SELECT d.name, s.sender, a.dkim, a.spf, coalesce(nullif(o.disposition, ''), 'no disposition') || ' (' || o.verdict || ')' AS done,
       date(min(f.first_day) * 86400, 'unixepoch'), date(max(f.first_day + f.span) * 86400, 'unixepoch'), sum(f.messages) AS messages
FROM source x CROSS JOIN domain d CROSS JOIN flow f ON f.domain = d.id AND f.source = x.id
JOIN outcome o ON o.id = f.outcome JOIN sender s ON s.id = f.sender JOIN auth_words a ON a.id = f.auth_set
WHERE x.address = ?1
GROUP BY d.id, s.id, a.dkim, a.spf, done
ORDER BY messages DESC, d.name, min(f.auth_set), min(f.outcome) LIMIT 40;
