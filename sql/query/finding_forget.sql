-- Drops the findings of a domain before new ones are put. ?1 its name; NULL: those of none.
DELETE FROM finding WHERE domain IS ?1;
