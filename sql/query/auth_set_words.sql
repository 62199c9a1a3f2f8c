-- What does a set of results read like? ?1 id. Columns: dkim, spf.
SELECT dkim, spf FROM auth_words WHERE id = ?1;
