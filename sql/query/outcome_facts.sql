-- What is an outcome? ?1 id. Columns: verdict, flags.
SELECT verdict, flags FROM outcome WHERE id = ?1;
