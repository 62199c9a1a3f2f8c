-- A sender of which nothing is left. ?1 domain, ?2 sender.
DELETE FROM standing WHERE domain = ?1 AND sender = ?2;
