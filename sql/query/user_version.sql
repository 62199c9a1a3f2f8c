-- Which version of the schema does the file hold? Columns: user_version.
PRAGMA user_version;
