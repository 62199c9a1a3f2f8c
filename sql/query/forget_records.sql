-- Records of a report. ?1 report.
DELETE FROM record WHERE id BETWEEN (SELECT first_record FROM report WHERE id = ?1) AND (SELECT last_record FROM report WHERE id = ?1);
