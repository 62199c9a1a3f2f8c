-- What was sent under a domain in a period? In the order the days lie in. ?1 domain, ?2 from, ?3 to. Told: day, sender, way, outcome, messages.
SELECT told(day, sender, way, outcome, messages) FROM daily WHERE domain = ?1 AND day BETWEEN ?2 AND ?3;
