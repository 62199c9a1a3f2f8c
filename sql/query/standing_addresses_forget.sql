-- Drops the addresses of a domain's senders before new ones are put. ?1 domain.
DELETE FROM standing_address WHERE domain = ?1;
