-- Which row holds this name? ?1 text. Columns: id.
SELECT id FROM name WHERE text = ?1;
