-- What has the digest said? Columns: code, domain, sender, messages, said_at.
SELECT code, domain, sender, messages, said_at FROM digest_said ORDER BY code, domain, sender;
