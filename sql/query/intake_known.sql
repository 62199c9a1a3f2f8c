-- Were these bytes met at this place, and is one of their documents to be read again? ?1 item. Columns: rows, retries.
SELECT count(*), coalesce(sum(state = 'retry'), 0) FROM intake WHERE substr(item, 1, 8) = substr(?1, 1, 8) AND item = ?1;
