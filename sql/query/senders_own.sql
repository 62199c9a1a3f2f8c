-- Which senders of a domain are the user's own? ?1 domain. Columns: id.
SELECT sender FROM standing WHERE domain = ?1 AND mine = 1;
