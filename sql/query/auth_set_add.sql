-- A new set of results. ?1 digest, ?2 DKIM summary, ?3 SPF summary.
INSERT INTO auth_set (digest, dkim, spf) VALUES (?1, ?2, ?3);
