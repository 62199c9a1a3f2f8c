-- Standings and findings of a domain fit its totals. ?1 domain.
INSERT OR IGNORE INTO analysed (domain) VALUES (?1);
