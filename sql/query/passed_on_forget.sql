-- Drops who passed on what of a domain before it is found anew. ?1 domain.
DELETE FROM passed_on WHERE domain = ?1;
