-- The standing of a sender. ?1 domain, ?2 sender, ?3 mine, ?4 basis, ?5 confidence, ?6 class, ?7 evidence, ?8 addresses, ?9 auth_set,
-- ?10 first_day, ?11 last_day, ?12 own_way, ?13 fail_set.
INSERT OR REPLACE INTO standing (domain, sender, mine, basis, confidence, class, evidence, addresses, auth_set, first_day, last_day, own_way, fail_set)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0), ?10, ?11, ?12, nullif(?13, 0));
