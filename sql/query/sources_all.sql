-- Which addresses are there? Columns: id, address.
-- scans: source because a network is no prefix of text.
SELECT id, address FROM source;
