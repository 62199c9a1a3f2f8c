-- What are these reporters called? ?1 given (id). Told: number among them, org_name.
SELECT told(k.rowid, p.org_name) FROM given(?1) k CROSS JOIN reporter p ON p.id = k.c0;
