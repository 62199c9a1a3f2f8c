-- Which addresses did these senders send most from, as the last analysis kept it? ?1 given (domain, sender). Columns: sender, source, messages; by place.
SELECT a.sender, a.source, a.messages FROM given(?1) k CROSS JOIN standing_address a ON a.domain = k.c0 AND a.sender = k.c1 ORDER BY k.rowid, a.place;
