-- Which policy domains are there? Columns: id, name.
SELECT id, name FROM domain ORDER BY id;
