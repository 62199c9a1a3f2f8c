-- Which documents could not be used, newest first?
-- ?1 domain (0: all), ?2 from, ?3 to, ?4 at most. Columns: sql/overview.h; numbers are named n_.
SELECT origin, state, reason FROM intake WHERE state <> 'stored' AND state IN ('damaged', 'retry', 'conflict') AND ?1 = 0 AND ?2 <= ?3 ORDER BY id DESC LIMIT ?4;
