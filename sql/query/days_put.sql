-- Adds to days. ?1 given (domain, day number, sender, way, outcome, messages).
INSERT INTO daily (domain, day, sender, way, outcome, messages) SELECT c0, day, c2, c3, c4, c5 FROM given(?1) WHERE 1
ON CONFLICT DO UPDATE SET messages = messages + excluded.messages;
