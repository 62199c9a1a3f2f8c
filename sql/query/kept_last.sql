-- Which is the last kept document that may be read again? Columns: intake (0: none).
SELECT coalesce(max(i.id), 0) FROM intake i JOIN raw r ON r.intake = i.id WHERE i.state IN ('damaged', 'retry');
