-- Gives the write transaction up.
ROLLBACK;
