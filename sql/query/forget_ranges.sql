-- Which records belong to reports that go, in the order they lie? ?1 domain or 0, ?2 report or 0. Columns: first, last.
SELECT first_record, last_record FROM report WHERE (domain = ?1 OR id = ?2) AND last_record >= first_record ORDER BY first_record;
