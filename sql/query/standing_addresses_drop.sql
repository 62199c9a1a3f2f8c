-- Drops the addresses of a sender before new ones are put. ?1 domain, ?2 sender.
DELETE FROM standing_address WHERE domain = ?1 AND sender = ?2;
