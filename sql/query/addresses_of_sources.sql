-- Which addresses are these? ?1 given (source). Told: number among them, address.
SELECT told(k.rowid, s.address) FROM given(?1) k CROSS JOIN source s ON s.id = k.c0;
