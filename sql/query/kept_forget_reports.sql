-- Cut copies of an item. ?1 item.
DELETE FROM report WHERE id IN (
	SELECT r.id FROM intake i JOIN report r ON r.intake = i.id AND r.id = i.report AND r.counted = 0
	WHERE substr(i.item, 1, 8) = substr(?1, 1, 8) AND i.item = ?1 AND i.state = 'damaged');
