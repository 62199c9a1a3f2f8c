-- The daily roll-up of a domain is to be built anew from a day on. ?1 domain, ?2 day.
UPDATE domain SET stale_from = ?2 WHERE id = ?1 AND (stale_from IS NULL OR stale_from > ?2);
