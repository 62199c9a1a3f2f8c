-- Which labels are there? Columns: what, class, name, origin.
SELECT what, class, name, origin FROM label ORDER BY what;
