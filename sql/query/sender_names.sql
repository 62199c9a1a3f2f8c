-- What is a sender called? ?1 id. Columns: sender, name, kind, category.
SELECT sender, name, kind, category FROM sender WHERE id = ?1;
