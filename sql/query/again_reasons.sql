-- Which reasons make up a set? ?1 reason_set. Columns: type, comment.
SELECT type, comment FROM reason WHERE reason_set = ?1 ORDER BY n;
