-- Does one set of results come before another, whatever order they came in? ?1 and ?2 ids. Columns: 1 or 0.
SELECT a.digest < b.digest FROM auth_set a, auth_set b WHERE a.id = ?1 AND b.id = ?2;
