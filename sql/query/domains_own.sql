-- Which policy domains are not kept apart? Columns: id, name.
SELECT id, name FROM domain WHERE "foreign" = 0 ORDER BY id;
