-- One reason of a set. ?1 reason_set, ?2 n, ?3 type, ?4 comment.
INSERT INTO reason (reason_set, n, type, comment) VALUES (?1, ?2, ?3, ?4);
