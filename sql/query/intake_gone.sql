-- A mail that was to be read again is no longer there. ?1 its place.
-- The first condition is that of the index intake_trouble, word for word.
UPDATE intake SET state = 'damaged', reason = 'no longer in the mailbox, and could not be read before: ' || reason
WHERE state <> 'stored' AND state = 'retry' AND substr(origin || '/', 1, length(?1) + 1) = ?1 || '/';
