-- The reports of a domain in a period, day by day. ?1 domain, ?2 from, ?3 to. Told: reporter, day, messages.
SELECT told(reporter, day, messages) FROM report WHERE domain = ?1 AND day BETWEEN ?2 AND ?3 AND counted = 1;
