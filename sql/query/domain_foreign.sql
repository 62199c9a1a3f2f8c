-- Marks a domain as foreign or not. ?1 id, ?2 foreign.
UPDATE domain SET "foreign" = ?2 WHERE id = ?1;
