-- Which labels are there? Columns: what, class, name.
SELECT what, class, name FROM label ORDER BY what;
