-- Results of sets. ?1 given (auth_set, n, 1 spf or 0 dkim, domain, selector, scope, result, human_result).
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
INSERT OR FAIL INTO auth_result (auth_set, n, spf, domain, selector, scope, result, human_result) SELECT c0, c1, c2, c3, c4, c5, c6, c7 FROM given(?1);
