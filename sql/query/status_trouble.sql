-- What could not be read lately, and why? Columns: what, value.
SELECT origin, state || ': ' || reason FROM intake WHERE state IN ('damaged', 'retry') ORDER BY id DESC LIMIT 20;
