-- Totals of a forgotten domain's addresses that were kept beyond its records (retention), or count no message. ?1 domain.
DELETE FROM flow WHERE domain = ?1;
