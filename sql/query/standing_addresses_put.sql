-- Addresses of senders. ?1 given, in the order of the columns.
INSERT OR ROLLBACK INTO standing_address (domain, sender, place, source, messages) SELECT c0, c1, c2, c3, c4 FROM given(?1);
