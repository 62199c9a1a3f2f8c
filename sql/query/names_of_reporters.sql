-- What are these reporters called? ?1 given (id). Told: number among them, name: org_name, else the domain of the address.
SELECT told(k.rowid, reporter_name(p.org_name, p.email)) FROM given(?1) k CROSS JOIN reporter p ON p.id = k.c0;
