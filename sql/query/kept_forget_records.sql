-- Records a cut copy left. ?1 item.
DELETE FROM record WHERE id IN (
	SELECT c.id FROM intake i JOIN report r ON r.intake = i.id AND r.id = i.report AND r.counted = 0
	CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
	WHERE substr(i.item, 1, 8) = substr(?1, 1, 8) AND i.item = ?1 AND i.state = 'damaged');
