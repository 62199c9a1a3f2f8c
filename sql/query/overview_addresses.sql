-- From which addresses did each sender of a domain send most, over the whole database? Of those that sent in the period; strangers are left out.
-- ?1 domain, ?2 from, ?3 to, ?4 at most, ?5 to ?6 senders (?5 0: all). Columns: sql/overview.h; numbers are named n_.
WITH held AS (
	SELECT k.sender, k.source, k.messages, k.place FROM standing_address k WHERE k.domain = ?1 AND k.sender BETWEEN ?5 AND ?6 AND k.place <= ?4
	UNION ALL
	SELECT t.sender, s.id, (SELECT sum(f.messages) FROM flow f WHERE f.domain = ?1 AND f.source = s.id AND f.sender = t.sender), 1
	FROM standing t CROSS JOIN sender e ON e.id = t.sender AND e.kind = 'address' CROSS JOIN source s ON s.address = e.sender
	WHERE t.domain = ?1 AND t.sender BETWEEN ?5 AND ?6 AND t.addresses = 1 AND t.class <> 'not_you'
		AND t.last_no >= unixepoch(?2) / 86400 AND t.first_no <= unixepoch(?3) / 86400
)
SELECT nullif(s.address, ''), s.ptr, h.sender AS n_who, h.messages AS n_messages
FROM held h CROSS JOIN source s ON s.id = h.source
WHERE h.messages IS NOT NULL AND EXISTS (SELECT 1 FROM flow f WHERE f.domain = ?1 AND f.source = h.source AND f.sender = h.sender
	AND f.first_day + f.span >= unixepoch(?2) / 86400 AND f.first_day <= unixepoch(?3) / 86400)
ORDER BY h.sender, h.place;
