-- Keeps what the findings were made with. ?1 stamp, ?2 settings, ?3 newest reported day.
INSERT OR REPLACE INTO analysis (id, stamp, settings, newest) VALUES (1, ?1, ?2, ?3);
