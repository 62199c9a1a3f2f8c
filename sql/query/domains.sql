-- Which domains does the configuration name? Columns: a line each; no row: none.
SELECT value FROM setting WHERE key = 'domains';
