-- Which row holds these identifiers and reasons? ?1 header_from, ?2 envelope_from, ?3 envelope_to (name ids), ?4 reason_set (0 none). Columns: id.
SELECT id FROM ident WHERE header_from = ?1 AND envelope_from = ?2 AND envelope_to = ?3 AND reason_set = ?4;
