-- New reasons. ?1 summary.
INSERT INTO reason_set (summary) VALUES (?1);
