-- The records of these reports, of each the first so many. ?1 given (report, records). Told: reporter, ident, outcome, messages.
SELECT told(r.reporter, c.ident, c.outcome, c.messages)
FROM given(?1) g CROSS JOIN report r ON r.id = g.c0
CROSS JOIN record c ON c.id BETWEEN r.first_record AND min(r.last_record, r.first_record + g.c1 - 1);
