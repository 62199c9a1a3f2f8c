-- Keeps what the digest said. ?1 code, ?2 domain, ?3 sender, ?4 messages, ?5 said_at.
INSERT OR REPLACE INTO digest_said (code, domain, sender, messages, said_at) VALUES (?1, ?2, ?3, ?4, ?5);
