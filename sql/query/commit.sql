-- Ends the write transaction.
COMMIT;
