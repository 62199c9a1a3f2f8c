-- What is this domain called? ?1 domain. Columns: name.
SELECT name FROM domain WHERE id = ?1;
