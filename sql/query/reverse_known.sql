-- Is a reverse name known at all? Columns: 1.
SELECT 1 FROM source WHERE ptr IS NOT NULL LIMIT 1;
