-- What are these reporters called, and how are they reached? ?1 given (id). Told: number among them, name: org_name, else the domain of the address; address in lower case.
SELECT told(k.rowid, reporter_name(p.org_name, p.email), lower(p.email)) FROM given(?1) k CROSS JOIN reporter p ON p.id = k.c0;
