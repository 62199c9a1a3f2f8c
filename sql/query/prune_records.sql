-- Records of reports that began before the day. ?1 day.
DELETE FROM record WHERE id IN (
	SELECT c.id FROM report r CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record WHERE r.day < ?1);
-- scans: report because retention looks at all of it once a night
