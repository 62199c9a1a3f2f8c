-- Which domain is to be forgotten? ?1 its name. Columns: id.
SELECT id FROM domain WHERE name = lower(?1);
