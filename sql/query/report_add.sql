-- A report. Parameters in the order of the columns.
INSERT INTO report (id, key, intake, reporter, policy, domain, day, begin_at, end_at, report_id, version, format, errors,
	records, messages, first_record, last_record, notes, sha256, mail, imported_at, counted)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22);
