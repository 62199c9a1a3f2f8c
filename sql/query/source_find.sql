-- Which row holds this address? ?1 canonical text. Columns: id.
SELECT id FROM source WHERE address = ?1;
