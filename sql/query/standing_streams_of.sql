-- Which are the largest streams of these senders, as the last analysis kept it? ?1 given (domain, sender). Columns: sender, kind, auth_set, source, messages.
SELECT t.sender, t.kind, t.auth_set, t.source, t.messages FROM given(?1) k CROSS JOIN standing_stream t ON t.domain = k.c0 AND t.sender = k.c1;
