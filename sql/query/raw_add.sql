-- Raw bytes kept. ?1 intake, ?2 size uncompressed, ?3 compressed bytes.
INSERT OR REPLACE INTO raw (intake, size, bytes) VALUES (?1, ?2, ?3);
