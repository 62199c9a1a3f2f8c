-- Which views stand in the file, once ours are dropped? Columns: name, what makes it; as they were made.
SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid;
