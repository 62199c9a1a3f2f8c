-- Mirrors the configured domains. ?1 names, a line each.
INSERT OR REPLACE INTO setting (key, value) VALUES ('domains', ?1);
