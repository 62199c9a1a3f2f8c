-- Which senders are called so? ?1 word, lower case, ?2 1: also those whose name holds it, ?3 at most. Columns: id.
SELECT id FROM sender WHERE sender = ?1
UNION
SELECT id FROM sender WHERE ?2 AND instr(lower(name), ?1) > 0 LIMIT ?3;
