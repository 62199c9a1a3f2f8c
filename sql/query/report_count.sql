-- Takes a report into the counted ones, or out of them. ?1 id, ?2 counted, ?3 note.
UPDATE report SET counted = ?2, notes = CASE WHEN notes IS NULL THEN ?3 ELSE notes || '; ' || ?3 END WHERE id = ?1;
