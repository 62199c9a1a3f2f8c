-- The report itself. ?1 report.
DELETE FROM report WHERE id = ?1;
