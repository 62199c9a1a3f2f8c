-- Adds to a day. ?1 domain, ?2 day, ?3 sender, ?4 way, ?5 outcome, ?6 messages.
INSERT INTO daily (domain, day, sender, way, outcome, messages) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET messages = messages + excluded.messages;
