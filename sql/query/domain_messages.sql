-- How many messages does the roll-up hold of a domain in a period? ?1 domain, ?2 from, ?3 to. Columns: messages.
SELECT coalesce(sum(messages), 0) FROM daily WHERE domain = ?1 AND day BETWEEN ?2 AND ?3;
