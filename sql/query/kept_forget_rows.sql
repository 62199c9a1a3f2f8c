-- Ledger rows of an item that is read again. ?1 item.
DELETE FROM intake WHERE item = ?1 AND state IN ('damaged', 'retry');
