-- What roll-ups keep of a forgotten domain beyond its records (retention). ?1 domain.
DELETE FROM daily WHERE domain = ?1;
