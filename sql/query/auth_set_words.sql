-- What does a set of results read like? ?1 id. Columns: dkim, spf.
SELECT dkim, spf FROM auth_set WHERE id = ?1;
