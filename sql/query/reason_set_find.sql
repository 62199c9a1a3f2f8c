-- Which row holds these reasons? ?1 summary. Columns: id.
SELECT id FROM reason_set WHERE summary = ?1;
