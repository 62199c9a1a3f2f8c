-- Which row is a sender's? ?1 sender. Columns: id.
SELECT id FROM sender WHERE sender = ?1;
