-- Takes a report out of the counted ones. ?1 id, ?2 note.
UPDATE report SET counted = 0, notes = CASE WHEN notes IS NULL THEN ?2 ELSE notes || '; ' || ?2 END WHERE id = ?1;
