-- What the analysis reads of recent records is gone, where retention is that short: as with other settings, the next one begins anew. ?1 day.
UPDATE analysis SET settings = '' WHERE ?1 > date(newest, '-60 days');
