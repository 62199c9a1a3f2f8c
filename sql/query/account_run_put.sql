-- Keeps how the last run of an account went. ?1 account, ?2 started_at, ?3 ended_at, ?4 mails, ?5 error.
INSERT OR REPLACE INTO account_run (account, started_at, ended_at, mails, error) VALUES (?1, ?2, ?3, ?4, ?5);
