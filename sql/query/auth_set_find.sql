-- Which row holds these results? ?1 digest. Columns: id.
SELECT id FROM auth_set WHERE digest = ?1;
