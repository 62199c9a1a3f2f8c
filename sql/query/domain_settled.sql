-- The roll-up of a domain is right again. ?1 domain.
UPDATE domain SET stale_from = NULL WHERE id = ?1;
