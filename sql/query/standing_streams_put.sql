-- Largest streams of senders. ?1 given, in the order of the columns.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO standing_stream (domain, sender, kind, auth_set, source, messages) SELECT c0, c1, c2, c3, c4, c5 FROM given(?1);
