-- Where do these streams come from, and what tells their results apart? ?1 given (source, auth_set). Told: number among them, address, ptr, digest.
SELECT told(k.rowid, s.address, s.ptr, a.digest)
FROM given(?1) k CROSS JOIN auth_set a ON a.id = k.c1 CROSS JOIN source s ON s.id = k.c0;
