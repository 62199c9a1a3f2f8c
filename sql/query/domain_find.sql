-- Which row holds this policy domain? ?1 name. Columns: id.
SELECT id FROM domain WHERE name = ?1;
