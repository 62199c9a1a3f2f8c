-- Keeps what was written since the savepoint.
RELEASE report;
