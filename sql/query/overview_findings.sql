-- What did the last analysis find, in its order?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT code, domain, sender, since, text, why, fix, confidence, messages AS n_messages FROM finding WHERE ?1 = 0 AND ?2 <= ?3 ORDER BY place, messages DESC, coalesce(domain, ''), coalesce(sender, ''), id LIMIT ?4;
