-- A record judged otherwise. ?1 record, ?2 outcome.
UPDATE record SET outcome = ?2 WHERE id = ?1;
