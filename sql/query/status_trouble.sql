-- What could not be read lately, and why? Columns: what, value.
-- The first condition is that of the index intake_trouble, word for word.
SELECT origin, state || ': ' || reason FROM intake
WHERE state <> 'stored' AND state IN ('damaged', 'retry')
ORDER BY id DESC LIMIT 20;
