-- What would a policy lose of the user's own mail? ?1 from day, ?2 to day, ?3 policy, ?4 policy for From domains below
-- (0 none, 1 quarantine, 2 reject), ?5 strict alignment. Columns: domain, sender, name, lost, of these probably spared.
-- Flags: 4 and 8 pass also under strict alignment, 16 subdomain. Forwarded mail is not counted; undetermined mail is deferred, not lost.
SELECT d.name, s.sender, s.name, sum(y.messages) AS lost,
       sum(CASE WHEN o.under_reject = 'likely_spared' THEN y.messages ELSE 0 END) AS spared
FROM domain d CROSS JOIN daily y ON y.domain = d.id AND y.day BETWEEN ?1 AND ?2
JOIN outcome o ON o.id = y.outcome JOIN standing t ON t.domain = y.domain AND t.sender = y.sender JOIN sender s ON s.id = y.sender
WHERE d."foreign" = 0 AND y.way = 0 AND t.mine = 1
  AND CASE WHEN o.flags & 16 THEN ?4 ELSE ?3 END > 0
  AND (o.verdict = 'fail' OR (?5 AND o.verdict = 'pass' AND o.flags & 12 = 0))
GROUP BY y.domain, y.sender
ORDER BY lost DESC, d.name, s.sender;
