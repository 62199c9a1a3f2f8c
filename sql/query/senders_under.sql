-- Under which domains may senders have mail? ?1 given (sender). Where it was analysed its standing tells; else any of them may. Columns: domain, sender.
SELECT d.id, g.c0
FROM given(?1) g CROSS JOIN domain d
WHERE d."foreign" = 0 AND (EXISTS (SELECT 1 FROM standing t WHERE t.domain = d.id AND t.sender = g.c0) OR
      NOT EXISTS (SELECT 1 FROM analysed a WHERE a.domain = d.id));
