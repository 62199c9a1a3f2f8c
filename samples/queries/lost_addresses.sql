-- From which addresses was the mail of each finding LOST refused or junked, over the whole database? Of a sender its ten that send most are looked at. (Over tables, which
-- may change between versions: v_findings joined with v_sources by domain and sender says it of all addresses, but sums up everything that was ever sent.)
SELECT g.domain, g.sender, s.address AS source_ip, sum(f.messages) AS lost, date(min(f.first_day) * 86400, 'unixepoch') AS first_day,
       date(max(f.first_day + f.span) * 86400, 'unixepoch') AS last_day
FROM finding g CROSS JOIN domain d ON d.name = g.domain CROSS JOIN sender e ON e.sender = g.sender
CROSS JOIN standing t ON t.domain = d.id AND t.sender = e.id AND t.mine = 1
CROSS JOIN source s ON s.id IN (	-- one that is an address itself has no list
      SELECT a.source FROM standing_address a WHERE a.domain = d.id AND a.sender = e.id UNION ALL SELECT x.id FROM source x WHERE x.address = e.sender)
CROSS JOIN flow f ON f.domain = d.id AND f.source = s.id AND f.sender = e.id AND f.way <= t.own_way
CROSS JOIN outcome o ON o.id = f.outcome AND o.bucket_mine = 'lost'
WHERE g.code = 'LOST'
GROUP BY g.id, s.id ORDER BY g.messages DESC, g.domain, g.sender, lost DESC, s.address;
