-- Drops the standings of a domain before new ones are put. ?1 domain.
DELETE FROM standing WHERE domain = ?1;
