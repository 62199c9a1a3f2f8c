-- Which domain is to be built anew? Columns: id.
SELECT id FROM domain WHERE stale_from IS NOT NULL ORDER BY id LIMIT 1;
