-- The standing of a sender. ?1 domain, ?2 sender, ?3 mine, ?4 basis, ?5 confidence, ?6 class, ?7 evidence.
INSERT INTO standing (domain, sender, mine, basis, confidence, class, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
