-- A new sender of reports. ?1 domain of From, ?2 what its authentication says.
INSERT INTO mail (mail_from, mail_auth) VALUES (?1, ?2);
