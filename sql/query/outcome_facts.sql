-- What is an outcome? ?1 id. Columns: disposition, verdict, flags.
SELECT disposition, verdict, flags FROM outcome WHERE id = ?1;
