-- Keeps what the findings were made with. ?1 stamp.
INSERT OR REPLACE INTO analysis (id, stamp) VALUES (1, ?1);
