-- Where a day's sum is below nothing: who else has such mail on that day? ?1 domain, ?2 day, ?3 sender, ?4 way, ?5 outcome. Columns: how much is lacking, sender,
-- way, messages; the least that is enough, else the largest.
SELECT -y.messages, z.sender, z.way, z.messages
FROM daily y CROSS JOIN daily z ON z.domain = y.domain AND z.day = y.day AND z.outcome = y.outcome
WHERE y.domain = ?1 AND y.day = ?2 AND y.sender = ?3 AND y.way = ?4 AND y.outcome = ?5 AND y.messages < 0 AND z.messages > 0
ORDER BY z.messages >= -y.messages DESC, abs(z.messages + y.messages), z.sender, z.way LIMIT 1;
