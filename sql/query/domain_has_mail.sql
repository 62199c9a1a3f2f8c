-- Does the roll-up hold mail of a domain in a period? ?1 domain, ?2 from, ?3 to. Columns: 1.
SELECT 1 FROM daily WHERE domain = ?1 AND day BETWEEN ?2 AND ?3 LIMIT 1;
