-- How many tables does the file hold? Columns: count.
SELECT count(*) FROM sqlite_schema;
