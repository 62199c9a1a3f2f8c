-- Begins the write transaction, taking the write lock at once.
BEGIN IMMEDIATE;
