-- What the analysis reads of recent records is gone, where retention is that short. ?1 day.
DELETE FROM analysed WHERE ?1 > (SELECT date(newest, '-60 days') FROM analysis);
