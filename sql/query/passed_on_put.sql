-- Who passed on mail with which signature. ?1 given, in the order of the columns.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO passed_on (domain, signer, selector, sender, messages, streams) SELECT c0, c1, c2, c3, c4, c5 FROM given(?1);
