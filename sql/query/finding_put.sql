-- A finding. ?1 code, ?2 domain, ?3 sender, ?4 messages, ?5 since, ?6 text, ?7 why, ?8 fix, ?9 confidence, ?10 place of the code in the order.
INSERT INTO finding (code, domain, sender, messages, since, text, why, fix, confidence, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
