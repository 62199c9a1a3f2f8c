-- Marks the place a report may be rolled back to.
SAVEPOINT report;
