-- Drops the largest streams of a domain's senders before new ones are put. ?1 domain.
DELETE FROM standing_stream WHERE domain = ?1;
