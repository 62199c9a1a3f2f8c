-- Totals of (domain, address, results, outcome) that are there. ?1 given as in flows_add.
-- OR FAIL: no statement journal, for after a failure the whole transaction is rolled back.
UPDATE OR FAIL flow SET sender = k.c4, messages = k.c6, first_day = k.c7, span_way = k.c8 << 2 | k.c5
FROM given(?1) k WHERE flow.domain = k.c0 AND flow.source = k.c1 AND flow.auth_set = k.c2 AND flow.outcome = k.c3;
