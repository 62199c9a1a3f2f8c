-- Reports. ?1 given, in the order of the columns.
INSERT INTO report (id, key, intake, reporter, policy, domain, day, begin_at, end_at, report_id, version, format, errors,
	records, messages, first_record, last_record, notes, sha256, mail, imported_at, counted)
SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21 FROM given(?1);
