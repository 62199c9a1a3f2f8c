-- Drops what was written since the savepoint; the savepoint stays.
ROLLBACK TO report;
