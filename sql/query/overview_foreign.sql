-- Which domains are kept apart?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT name FROM domain WHERE "foreign" = 1 AND ?1 = 0 AND ?2 <= ?3 ORDER BY name LIMIT ?4;
