-- The days of a domain, in order. ?1 domain, ?2 senders from here on. Told: day, sender, way, outcome, messages.
SELECT told(day, sender, way, outcome, messages) FROM daily WHERE domain = ?1 AND sender >= ?2;
