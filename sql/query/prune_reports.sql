-- Reports whose records are gone hold an empty range. ?1 day.
UPDATE report SET last_record = first_record - 1 WHERE day < ?1 AND last_record >= first_record;
-- scans: report because retention looks at all of it once a night
